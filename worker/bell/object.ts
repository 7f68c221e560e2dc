// The instant channel at the edge: one Durable Object holds the runners' sockets and sleeps while nothing is said.
// It holds the lines of open admin pages too, awake while there are any.
// It is there when wrangler.toml binds it (docs/decisions/0018-instant-channel.md).
import { LOOK, PING, PONG } from '#core/wire/channel.ts';
import { CHANGED, HELLO, RETRY_MS } from '../live/live.ts';

/** Of workerd's own types, what is used here. */
interface HibernatingSocket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
}
interface ObjectState {
  acceptWebSocket(socket: HibernatingSocket, tags: string[]): void;
  getWebSockets(tag?: string): HibernatingSocket[];
  setWebSocketAutoResponse(pair: unknown): void;
}
declare const WebSocketPair: new () => { 0: HibernatingSocket; 1: HibernatingSocket };
declare const WebSocketRequestResponsePair: new (request: string, response: string) => unknown;

export const RUNNER_HEADER = 'x-anyup-runner';
/** A runner that connects again before the old line is known to be dead has two. */
const LINES_PER_RUNNER = 3;
const MOST_PAGES = 20;
/** A page comes back after it, and is asked anew who it is. */
const PAGE_FOR_MS = 60_000;

type Page = WritableStreamDefaultWriter<Uint8Array>;

export class Bell {
  readonly #state: ObjectState;
  readonly #pages = new Set<Page>();

  constructor(state: ObjectState) {
    this.#state = state;
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  /** Called by the worker only, which has checked who asks: a runner's upgrade, `POST` of the ids to ring, or a page's line. */
  async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === '/live') {
      if (request.method !== 'POST') return this.#openPage();
      for (const page of this.#pages) this.#say(page, CHANGED);
      return new Response(null, { status: 204 });
    }
    if (request.method === 'POST') {
      this.#ring((await request.json()) as number[] | 'all');
      return new Response(null, { status: 204 });
    }
    const runner = request.headers.get(RUNNER_HEADER) ?? '';
    const { 0: theirs, 1: ours } = new WebSocketPair();
    const before = this.#state.getWebSockets(runner);
    for (const old of before.slice(0, Math.max(0, before.length + 1 - LINES_PER_RUNNER))) {
      old.close(1000, 'replaced');
    }
    this.#state.acceptWebSocket(ours, [runner]);
    return new Response(null, { status: 101, webSocket: theirs } as ResponseInit);
  }

  #openPage(): Response {
    if (this.#pages.size >= MOST_PAGES) return new Response(null, { status: 204 });
    const { readable, writable } = new TransformStream<Uint8Array>();
    const page = writable.getWriter();
    this.#pages.add(page);
    this.#say(page, HELLO);
    setTimeout(() => {
      this.#pages.delete(page);
      page.close().catch(() => undefined);
    }, PAGE_FOR_MS);
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };
    return new Response(readable, { headers });
  }

  /** Nobody waits until it is taken; who has gone is forgotten. */
  #say(page: Page, event: string): void {
    const text = `event: ${event}\ndata:\nretry: ${RETRY_MS}\n\n`;
    page.write(new TextEncoder().encode(text)).catch(() => this.#pages.delete(page));
  }

  webSocketMessage(): void {}

  webSocketClose(socket: HibernatingSocket, code: number): void {
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }

  #ring(ids: number[] | 'all'): void {
    const lines =
      ids === 'all'
        ? this.#state.getWebSockets()
        : ids.flatMap((id) => this.#state.getWebSockets(String(id)));
    for (const line of lines) {
      try {
        line.send(LOOK);
      } catch {
        // It is closing; the runner comes back.
      }
    }
  }
}
