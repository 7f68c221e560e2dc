// The late streams of all shards: what the live ones gave up and what earlier starts left, oldest first, one batch at
// a time and paced; only while live posts get through.
import { type Batch, makeBatch } from './batch.ts';
import { Lane } from './lane.ts';
import { type Office, settle } from './office.ts';

/** Between two late batches. */
const PACE_MS = 1000;
/** A disk that does not give its results is asked again after this. */
const REREAD_MS = 60_000;

interface LateBatch {
  lane: Lane;
  made: Batch;
}

export class LateStreams {
  readonly #office: Office;
  readonly #lanes = new Map<number, Lane>();
  /** Made and not settled yet: sent again with the same bytes. */
  #batch: LateBatch | null = null;
  #posting = false;
  #notBeforeMs = 0;
  #stopped = false;
  #cancelNext: (() => void) | null = null;

  constructor(office: Office) {
    this.#office = office;
  }

  /** Posts the next batch if there is one and its time has come; goes on by itself while it succeeds. */
  post(): void {
    const { platform, spool, reach } = this.#office;
    const nothing = this.#batch === null && spool.late === 0;
    if (nothing || this.#posting || this.#stopped || !reach.isGood || reach.isRefused) return;
    const waitMs = this.#notBeforeMs - platform.monotonicMs();
    if (waitMs > 0) {
      this.#cancelNext?.();
      this.#cancelNext = platform.setTimer(waitMs, () => this.post());
      return;
    }
    this.#posting = true;
    this.#postOne().finally(() => {
      this.#posting = false;
      this.post();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelNext?.();
  }

  async #postOne(): Promise<void> {
    const { platform, spool, reach } = this.#office;
    this.#batch ??= await this.#make();
    if (this.#batch === null) {
      this.#notBeforeMs = platform.monotonicMs() + REREAD_MS;
      return;
    }
    const { lane, made } = this.#batch;
    const delivery = await lane.deliver(made);
    if (delivery.type === 'refused') return reach.refused(delivery);
    if (delivery.type === 'later') {
      this.#notBeforeMs = lane.notBeforeMs;
      return;
    }
    this.#batch = null;
    if (delivery.type === 'smaller') spool.untold(made.lost);
    else await settle(this.#office, lane, made, delivery);
    this.#notBeforeMs = platform.monotonicMs() + PACE_MS;
  }

  async #make(): Promise<LateBatch | null> {
    const { spool, head } = this.#office;
    const [first] = await spool.nextLate(1);
    if (!first) return null;
    const lane = this.#lane(first.shard);
    const held = await spool.nextLate(lane.most);
    return { lane, made: makeBatch(held, lane.most, { ...head(), lost: spool.takeLost() }) };
  }

  #lane(shard: number): Lane {
    const known = this.#lanes.get(shard);
    if (known) return known;
    const lane = new Lane(this.#office.platform, this.#office.client, shard, 'late');
    this.#lanes.set(shard, lane);
    return lane;
  }
}
