// The live view where the process can hold a connection (Node, Bun).
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { AppContext } from '#worker/platform.ts';
import { CHANGED, HELLO, type Live, RETRY_MS } from './live.ts';

const MOST_LINES = 50;
/** What happens together is said once. */
const TOGETHER_MS = 400;
/** How often it is looked whether the listener still may, and a line is kept from being taken for dead. */
const CHECK_EVERY_MS = 5000;
/** Who takes nothing for so long is not there. */
const TAKES_WITHIN_MS = 10_000;

type Waker = () => void;

export class LiveInProcess implements Live {
  readonly #lines = new Set<Waker>();
  /** No line is opened any more. */
  stopped = false;

  /** Lines that are open. */
  get size(): number {
    return this.#lines.size;
  }

  changed(): void {
    for (const wake of this.#lines) wake();
  }

  /** Ends all lines. */
  stop(): void {
    this.stopped = true;
    this.changed();
  }

  open(c: AppContext, mayListen: () => Promise<boolean>): Response | null {
    if (this.stopped || this.#lines.size >= MOST_LINES) return null;
    // A proxy that gathers would bring the news late (nginx).
    c.header('x-accel-buffering', 'no');
    return streamSSE(c, (stream) => this.#talk(stream, mayListen));
  }

  async #talk(stream: SSEStreamingApi, mayListen: () => Promise<boolean>): Promise<void> {
    let news = false;
    let wake: Waker = () => undefined;
    const line = () => {
      news = true;
      wake();
    };
    this.#lines.add(line);
    stream.onAbort(() => wake());
    const isOver = () => stream.aborted || stream.closed || this.stopped;
    const say = async (event: string) =>
      taken(stream.writeSSE({ event, data: '', retry: RETRY_MS }));
    try {
      let heard = await say(HELLO);
      while (heard && !isOver()) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        if (!news) await within(woken, CHECK_EVERY_MS);
        if (isOver() || !(await mayListen())) return;
        if (!news) {
          heard = await taken(stream.write(':\n\n'));
          continue;
        }
        news = false;
        heard = await say(CHANGED);
        await stream.sleep(TOGETHER_MS);
      }
    } catch {
      // The database is gone, say: the page polls, and comes back.
    } finally {
      this.#lines.delete(line);
    }
  }
}

async function taken(writing: Promise<unknown>): Promise<boolean> {
  return within(
    writing.then(() => true),
    TAKES_WITHIN_MS,
  ).then((done) => done === true);
}

/** Null when it did not come in time. */
async function within<T>(coming: Promise<T>, ms: number): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  try {
    return await Promise.race([coming, late]);
  } finally {
    clearTimeout(timer);
  }
}
