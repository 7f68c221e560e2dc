// The live stream of one shard: what is fresh, strictly in order, one post in flight. What cannot be sent in time is
// given up to the late stream.
import type { Held } from '#runner/spool/spool.ts';
import { type Batch, makeBatch } from './batch.ts';
import { Lane } from './lane.ts';
import { type Office, settle } from './office.ts';

/** Results that could not be sent for this long, beyond the wait for a flush, are late. */
const LATE_AFTER_MS = 60_000;

interface Waiting {
  held: Held;
  sinceMs: number;
}

export class LiveStream {
  readonly #office: Office;
  readonly #lane: Lane;
  #queue: Waiting[] = [];
  /** Made and not settled yet: sent again with the same bytes. */
  #batch: { made: Batch; waiting: Waiting[]; inFlight: boolean } | null = null;
  #posting: Promise<void> | null = null;
  /** Asked to post while it was posting; `must`: even if nothing waits. */
  #again: 'no' | 'yes' | 'must' = 'no';
  #stopped = false;
  #cancelRetry: (() => void) | null = null;

  constructor(office: Office, shard: number) {
    this.#office = office;
    this.#lane = new Lane(office.platform, office.client, shard, 'live');
  }

  add(held: Held): void {
    this.#queue.push({ held, sinceMs: this.#office.platform.monotonicMs() });
  }

  get length(): number {
    return this.#queue.length + (this.#batch?.waiting.length ?? 0);
  }

  /** As many wait as fit one post, and one could go now. */
  get isFull(): boolean {
    if (this.#posting || this.#queue.length < this.#lane.most) return false;
    return this.#office.platform.monotonicMs() >= this.#lane.notBeforeMs;
  }

  /**
   * Posts what waits now, or nothing at all, which tells the worker that we live. What comes meanwhile waits. `must`: the
   * answer to the post that is under way is not enough. `onlyFull`: the first post, and others as far as they are full.
   */
  post({ must = false, onlyFull = false } = {}): void {
    if (this.#stopped) return;
    if (this.#posting) {
      if (must || this.#again === 'no') this.#again = must ? 'must' : 'yes';
      return;
    }
    this.#again = 'no';
    this.#posting = this.#postAll(onlyFull ? this.#lane.most : 1).finally(() => {
      this.#posting = null;
      if (this.#again === 'must' || (this.#again === 'yes' && this.length > 0)) this.post();
    });
  }

  /** Sends what there is once more, without retries. */
  async drain(): Promise<void> {
    this.#stopped = true;
    this.#cancelRetry?.();
    await this.#posting;
    if (this.length > 0 && !this.#office.reach.isRefused) await this.#postRound();
  }

  /** Moves what waited too long to the late stream; a post in flight is left alone. */
  giveUpOld(): void {
    const { spool, platform, flushMs } = this.#office;
    const oldMs = platform.monotonicMs() - LATE_AFTER_MS - flushMs;
    const [first] = this.#batch?.waiting ?? [];
    if (this.#batch !== null && !this.#batch.inFlight && first && first.sinceMs <= oldMs) {
      this.#unmake();
    }
    const fresh = this.#queue.findIndex(({ sinceMs }) => sinceMs > oldMs);
    const old = this.#queue.splice(0, fresh === -1 ? this.#queue.length : fresh);
    if (old.length > 0) spool.toLate(old.map(({ held }) => held));
  }

  async #postAll(least: number): Promise<void> {
    const { platform, reach } = this.#office;
    if (reach.isRefused) return;
    if (platform.monotonicMs() < this.#lane.notBeforeMs) this.#retryInTime();
    else await this.#postRound(least);
  }

  #retryInTime(): void {
    if (this.#stopped) return;
    const { platform } = this.#office;
    this.#cancelRetry?.();
    const waitMs = this.#lane.notBeforeMs - platform.monotonicMs();
    this.#cancelRetry = platform.setTimer(waitMs, () => this.post());
  }

  /** Posts on until fewer than `least` are left of what waits now. */
  async #postRound(least = 1): Promise<void> {
    let left = this.length;
    do {
      const outcome = await this.#postOne();
      if (outcome === 'wait') return;
      left = Math.min(left - outcome, this.length);
    } while (left >= least);
  }

  /** One batch; gives how many results are dealt with. */
  async #postOne(): Promise<number | 'wait'> {
    const { reach } = this.#office;
    this.giveUpOld();
    this.#batch ??= this.#make();
    const { made } = this.#batch;
    this.#batch.inFlight = true;
    const delivery = await this.#lane.deliver(made);
    this.#batch.inFlight = false;
    switch (delivery.type) {
      case 'taken':
      case 'unreadable':
        this.#batch = null;
        await settle(this.#office, this.#lane, made, delivery);
        return made.held.length;
      case 'smaller':
        this.#unmake();
        return 0;
      case 'refused':
        if (made.held.length === 0) this.#unmake();
        reach.refused(delivery);
        return 'wait';
      case 'later':
        if (made.held.length === 0) this.#unmake();
        reach.bad(delivery.why);
        this.#retryInTime();
        return 'wait';
    }
  }

  #make() {
    const { spool, head } = this.#office;
    const front = this.#queue.slice(0, this.#lane.most).map(({ held }) => held);
    const runner = this.#office.health() ?? undefined;
    const made = makeBatch(front, this.#lane.most, { ...head(), lost: spool.takeLost(), runner });
    return { made, waiting: this.#queue.splice(0, made.held.length), inFlight: false };
  }

  #unmake(): void {
    if (this.#batch === null) return;
    this.#queue.unshift(...this.#batch.waiting);
    this.#office.spool.untold(this.#batch.made.lost);
    this.#batch = null;
  }
}
