import { closeSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../failure.ts';
import { ENGINE_FILE } from './engineFile.ts';
import { type Command, type News, newsOf, type SocketWay, written } from './messages.ts';
import type { Echoes, Ping, PingOrder } from './ping.ts';

/** A thread takes 20 MB: one that has had nothing to do for so long ends, and the next ping starts another. */
const IDLE = {
  usedMs: 120_000,
  /** One that was only started to see whether that is possible. */
  unusedMs: 15_000,
};

/** Orders wait this long for others; the round trip begins after it. */
const GATHER_MS = 2;

const WAKE = Buffer.alloc(8);
WAKE.writeBigUInt64LE(1n);

/** Pings over sockets of our own, all probes through one thread. A string says why that does not work here. */
export function startNative(
  onEnd: () => void,
  idle: typeof IDLE = IDLE,
): Promise<{ way: SocketWay; ping: Ping } | string> {
  return new Promise((resolve) => {
    if (process.platform !== 'linux') {
      resolve('own ICMP sockets are for Linux');
      return;
    }
    const worker = new Worker(ENGINE_FILE);
    let ready = false;
    let over = false;
    const end = () => {
      if (!over) onEnd();
      over = true;
    };
    worker.once('message', (text: string) => {
      const news = newsOf(text);
      if (news.type === 'unfit') resolve(news.reason);
      if (news.type !== 'ready') return;
      ready = true;
      worker.unref();
      const client = new EngineClient(worker, news.wakerFd, idle, end);
      resolve({ way: news.way, ping: (order) => client.ping(order) });
    });
    worker.on('error', (error) => resolve(messageOf(error)));
    worker.once('exit', () => {
      resolve('the ICMP thread ended');
      if (ready) end();
    });
  });
}

class EngineClient {
  readonly #worker: Worker;
  readonly #wakerFd: number;
  readonly #waiting = new Map<number, { order: PingOrder; done: (echoes: Echoes[]) => void }>();
  #unsent: Array<PingOrder & { id: number }> = [];
  #nextId = 1;
  #ended = false;
  readonly #onIdle: () => void;
  readonly #idleMs: number;
  #idle: NodeJS.Timeout;
  #isUsed = false;

  constructor(worker: Worker, wakerFd: number, idle: typeof IDLE, onIdle: () => void) {
    this.#worker = worker;
    this.#wakerFd = wakerFd;
    this.#onIdle = onIdle;
    this.#idleMs = idle.usedMs;
    this.#idle = this.#endIn(idle.unusedMs);
    worker.on('message', (text: string) => this.#take(newsOf(text)));
    worker.once('exit', () => this.#end());
    // Node waits for its threads when it exits, and this one may be waiting for replies.
    process.once('exit', () => this.#command({ type: 'stop' }));
  }

  ping(order: PingOrder): Promise<Echoes[]> {
    if (this.#ended) return Promise.resolve(lost(order));
    this.#use();
    return new Promise((done) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { order, done });
      if (this.#waiting.size === 1) this.#worker.ref();
      if (this.#unsent.length === 0) setTimeout(() => this.#flush(), GATHER_MS);
      this.#unsent.push({ id, ...order });
    });
  }

  #use(): void {
    if (!this.#isUsed) {
      clearTimeout(this.#idle);
      this.#idle = this.#endIn(this.#idleMs);
    }
    this.#isUsed = true;
    this.#idle.refresh();
  }

  #endIn(ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      if (this.#waiting.size > 0) {
        timer.refresh();
        return;
      }
      // Whoever asks from now on asks another.
      this.#onIdle();
      this.#command({ type: 'stop' });
    }, ms);
    return timer.unref();
  }

  /** Orders of one slot travel together: waking the thread costs more than a ping, and the thread keeps the pace. */
  #flush(): void {
    const orders = this.#unsent;
    this.#unsent = [];
    this.#command({ type: 'ping', orders });
  }

  #command(command: Command): void {
    if (this.#ended) return;
    this.#worker.postMessage(written(command));
    writeSync(this.#wakerFd, WAKE);
  }

  #take(news: News): void {
    if (news.type !== 'done') return;
    for (const { id, echoes } of news.reports) {
      this.#waiting.get(id)?.done(echoes);
      this.#waiting.delete(id);
    }
    if (this.#waiting.size === 0) this.#worker.unref();
  }

  #end(): void {
    this.#ended = true;
    clearTimeout(this.#idle);
    closeSync(this.#wakerFd);
    for (const { order, done } of this.#waiting.values()) done(lost(order));
    this.#waiting.clear();
  }
}

/** Nothing is known of an order whose thread died: no request counts as sent. */
function lost(order: PingOrder): Echoes[] {
  return order.addresses.map(({ address }) => ({
    address,
    sent: 0,
    received: 0,
    rttUs: null,
    jitterUs: null,
    error: 'ECANCELED',
  }));
}
