// When to post: every flush, and soon when something changed. What goes where is up to the streams.
import { type RunnerPlatform, random01 } from '#runner/platform.ts';
import type { Held } from '#runner/spool/spool.ts';
import { Bucket } from './bucket.ts';
import { LateStreams } from './late.ts';
import { LiveStream } from './live.ts';
import type { Office } from './office.ts';
import { Reach } from './reach.ts';

/** Before an early post, to gather what belongs to the same event. */
const GATHER_MS = 250;
/** Early posts: this many at once, then one per refill. */
const EARLY_AT_ONCE = 5;
const EARLY_REFILL_MS = 5000;
/** The last flush of a runner that stops. */
const LAST_FLUSH_MS = 2000;

export class Poster {
  readonly #office: Office;
  readonly #platform: RunnerPlatform;
  /** Where a post without results goes. */
  readonly #anyShard: () => number;
  readonly #live = new Map<number, LiveStream>();
  readonly #late: LateStreams;
  readonly #early = new Bucket(EARLY_AT_ONCE, EARLY_REFILL_MS);
  readonly #patiently: RunnerPlatform['setTimer'];
  #cancelTick: (() => void) | null = null;
  #cancelEarly: (() => void) | null = null;
  #stopped = false;
  #looks = false;

  constructor(
    given: Omit<Office, 'reach' | 'rejected'> & {
      anyShard: () => number;
      /** For what need not be on time to the second. */
      patiently: RunnerPlatform['setTimer'];
    },
  ) {
    const { anyShard, patiently, answered, ...rest } = given;
    this.#patiently = patiently;
    this.#platform = given.platform;
    this.#anyShard = anyShard;
    this.#office = {
      ...rest,
      reach: new Reach(given.platform),
      rejected: { count: 0, lastReason: null },
      answered: (answer) => {
        answered(answer);
        this.#late.post();
      },
    };
    this.#late = new LateStreams(this.#office);
  }

  /** Batches the worker could not read. */
  get rejected(): Office['rejected'] {
    return this.#office.rejected;
  }

  /** How the worker takes posts at present. */
  get reach(): Reach {
    return this.#office.reach;
  }

  /** Posts at once, then on and on; the second flush at a random time, so that runners started together spread. */
  start(): void {
    this.#flush();
    this.#tickIn((this.#office.flushMs / 2) * (1 + random01(this.#platform)));
  }

  /** Results that are on disk and fresh. They wait for the next flush, or until they fill a post. */
  add(held: readonly Held[]): void {
    for (const one of held) this.#stream(one.shard).add(one);
    if (this.#stopped || this.#cancelTick === null || !this.#office.reach.isGood) return;
    if (![...this.#live.values()].some(({ isFull }) => isFull)) return;
    this.#tickIn(this.#office.flushMs);
    this.#flush();
  }

  /** Posts soon, out of turn, as far as the bucket allows. */
  flushEarly(): void {
    if (this.#stopped) return;
    this.#cancelEarly ??= this.#platform.setTimer(GATHER_MS, () => this.#tryEarly());
  }

  /** The worker has something for us: an answer that is begun after this moment brings it. */
  look(): void {
    this.#looks = true;
    this.flushEarly();
  }

  /** The worker's word on how often to post. */
  setFlush(flushMs: number): void {
    if (flushMs === this.#office.flushMs) return;
    this.#office.flushMs = flushMs;
    if (this.#cancelTick !== null) this.#tickIn(flushMs);
  }

  /** Sends what there is once more, without retries, within two seconds. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTick?.();
    this.#cancelTick = null;
    this.#cancelEarly?.();
    this.#late.stop();
    let cancel = () => {};
    const timeUp = new Promise<void>((resolve) => {
      cancel = this.#platform.setTimer(LAST_FLUSH_MS, resolve);
    });
    const sent = Promise.all([...this.#live.values()].map((stream) => stream.drain()));
    await Promise.race([sent, timeUp]);
    cancel();
  }

  #tickIn(ms: number): void {
    this.#cancelTick?.();
    this.#cancelTick = this.#patiently(ms, () => {
      this.#tickIn(this.#office.flushMs);
      this.#flush();
    });
  }

  #tryEarly(): void {
    this.#cancelEarly = null;
    const token = this.#early.take(this.#platform.monotonicMs());
    if (token.ok) this.#flush();
    else this.#cancelEarly = this.#platform.setTimer(token.waitMs, () => this.#tryEarly());
  }

  #flush(): void {
    this.#cancelEarly?.();
    this.#cancelEarly = null;
    const streams = [...this.#live.values()];
    for (const stream of streams) stream.giveUpOld();
    const full = streams.filter(({ length }) => length > 0);
    // A worker that hears nothing takes the runner for silent: with nothing to say, that is posted.
    const must = this.#looks;
    this.#looks = false;
    for (const stream of full.length > 0 ? full : [this.#stream(this.#anyShard())]) {
      stream.post({ must, onlyFull: stream.isFull });
    }
    this.#late.post();
  }

  #stream(shard: number): LiveStream {
    const known = this.#live.get(shard);
    if (known) return known;
    const stream = new LiveStream(this.#office, shard);
    this.#live.set(shard, stream);
    return stream;
  }
}
