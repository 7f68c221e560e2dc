// A world for the real runner in which time only passes when told to: timers, disk and network are the test's own.
import { setImmediate as turn } from 'node:timers/promises';
import type { Measurement } from '#core/reading.ts';
import type { Canary } from '#runner/canaries/canary.ts';
import type { Wanted } from '#runner/evidence/seen.ts';
import type { Disk, HttpAnswer, HttpCall, RunnerPlatform } from '#runner/platform.ts';
import type { Probed } from '#runner/probe.ts';
import type { FakeWorker } from './fakeWorker.ts';

interface Timer {
  dueMs: number;
  order: number;
  call: () => void;
}

/** A disk in memory; `failure` makes every write to it fail. */
export class VirtualDisk implements Disk {
  readonly files = new Map<string, Uint8Array>();
  failure: Error | null = null;
  /** Paths of all syncs so far. */
  readonly synced: string[] = [];

  async list(folder: string): Promise<string[]> {
    const names = [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`));
    return names.map((path) => path.slice(folder.length + 1)).sort();
  }
  async read(path: string): Promise<Uint8Array | null> {
    return this.files.get(path) ?? null;
  }
  async append(path: string, bytes: Uint8Array): Promise<void> {
    this.#check();
    this.files.set(path, Buffer.concat([this.files.get(path) ?? Buffer.alloc(0), bytes]));
  }
  async sync(path: string): Promise<void> {
    this.#check();
    this.synced.push(path);
  }
  async replace(path: string, bytes: Uint8Array): Promise<void> {
    this.#check();
    this.files.set(path, bytes);
  }
  async remove(path: string): Promise<void> {
    this.#check();
    this.files.delete(path);
  }
  async restrict(): Promise<boolean> {
    return false;
  }

  #check(): void {
    if (this.failure) throw this.failure;
  }
}

export class VirtualWorld {
  /** Monotonic; the wall clock is this plus `wallMs`. */
  nowMs = 1_000_000;
  wallMs = Date.UTC(2026, 10, 21, 9, 0, 0) - 1_000_000;
  readonly disk = new VirtualDisk();
  readonly logs: string[] = [];
  /** What the world answers to a probe. */
  probe: (config: { target: string }, timeoutMs: number, wanted?: Wanted) => Promise<Probed> =
    async () => UP;
  /** The way to an address; undefined = nobody may look. */
  route: RunnerPlatform['route'];
  /** What shows that the network works, by name; null = this world has nothing of the kind. */
  canaries: Map<string, { far: boolean; answers: boolean }> | null = null;
  /** Who answers calls to any other host than the worker's. */
  elsewhere: ((call: HttpCall) => Promise<HttpAnswer>) | null = null;
  #timers: Timer[] = [];
  #order = 0;
  #requests = 0;
  #seed = 1;

  /** The wall clock, epoch ms. */
  wall = (): number => Math.floor(this.nowMs + this.wallMs);

  /** What a runner of this world gets; requests go to `worker`. */
  platform(worker?: FakeWorker): RunnerPlatform {
    return {
      now: this.wall,
      monotonicMs: () => this.nowMs,
      setTimer: (ms, call) => this.#setTimer(ms, call),
      nextTurn: (call) => {
        this.#setTimer(0, call);
      },
      request: (call) => this.#request(worker, call),
      disk: this.disk,
      randomBytes: (n) => this.#random(n),
      probe: (config, { timeoutMs, evidence }) => this.probe(config, timeoutMs, evidence),
      ...(this.route && { route: this.route }),
      ...(this.canaries && { canaries: async () => this.#canaries() }),
      log: (level, message) => {
        this.logs.push(`${level}: ${message}`);
      },
    };
  }

  /** A canary that does not answer takes all the time it is given. */
  #canaries(): Canary[] {
    return [...(this.canaries ?? [])].map(([name, { far, answers }]) => ({
      name,
      far,
      ask: async (timeoutMs) => {
        if (answers) return true;
        await this.sleep(timeoutMs);
        return false;
      },
    }));
  }

  /** Lets `ms` pass, timer by timer, with all that follows from each. */
  async advance(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    await this.settle();
    for (;;) {
      const next = this.#next(endMs);
      if (!next) break;
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      next.call();
      await this.settle();
    }
    this.nowMs = endMs;
  }

  /** As `advance`, without waiting for promises: for what has none. */
  advanceAtOnce(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let next = this.#next(endMs); next; next = this.#next(endMs)) {
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      next.call();
    }
    this.nowMs = endMs;
  }

  /** A pause of the machine: time passes on the wall only. */
  suspend(ms: number): void {
    this.wallMs += ms;
  }

  /** Resolves after virtual time. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#setTimer(ms, resolve));
  }

  /** Time stands still while the work is done. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#requests++;
    try {
      return await work();
    } finally {
      this.#requests--;
    }
  }

  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet = this.#requests > 0 ? 0 : quiet + 1) await turn();
  }

  #next(endMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > endMs) continue;
      if (
        !next ||
        timer.dueMs < next.dueMs ||
        (timer.dueMs === next.dueMs && timer.order < next.order)
      )
        next = timer;
    }
    if (next) this.#timers = this.#timers.filter((timer) => timer !== next);
    return next;
  }

  #setTimer(ms: number, call: () => void): () => void {
    const timer = { dueMs: this.nowMs + Math.max(0, ms), order: this.#order++, call };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  async #request(worker: FakeWorker | undefined, call: HttpCall): Promise<HttpAnswer> {
    if (!worker) throw new Error('there is no network here');
    const { pathname, search, hostname } = new URL(call.url);
    if (this.elsewhere && hostname !== 'worker.test') return this.elsewhere(call);
    return this.during(() => {
      return worker.handle({
        method: call.method,
        path: pathname + search,
        headers: call.headers,
        body: call.body ?? new Uint8Array(),
      });
    });
  }

  #random(n: number): Uint8Array {
    const bytes = new Uint8Array(n);
    for (let i = 0; i < n; i++) {
      this.#seed = (Math.imul(this.#seed, 1_103_515_245) + 12_345) >>> 0;
      bytes[i] = this.#seed >>> 16;
    }
    return bytes;
  }
}

export const UP: Measurement = { level: 100, rttUs: 1500, code: 'ok', text: '' };
export const DOWN: Measurement = {
  level: 500,
  rttUs: null,
  code: 'connect.refused',
  text: 'connection refused by 127.0.0.1:1',
};
