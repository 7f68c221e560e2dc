// One stream of one shard: its number, its batch size, its patience. One post at a time goes through a lane.
import { backoffMs } from '#core/backoff.ts';
import type { Stream } from '#core/wire/claims.ts';
import { MAX_RESULTS, type ResultsAnswer } from '#core/wire/results.ts';
import type { Client, Outcome } from '#runner/client.ts';
import { type RunnerPlatform, random01 } from '#runner/platform.ts';
import type { Batch } from './batch.ts';

const BACKOFF = { baseMs: 1000, maxMs: 60_000 };
/** Numbers that keep moving under us mean a second process with the same identity. */
const MAX_RENUMBERINGS = 5;

/** What came of a batch. */
export type Delivery =
  | { type: 'taken'; answer: ResultsAnswer }
  /** The worker will never read it. */
  | { type: 'unreadable'; why: string }
  /** Too large as it is: make smaller ones of it. */
  | { type: 'smaller' }
  | { type: 'refused'; code: string; why: string }
  /** The same bytes again, not before the lane's `notBeforeMs`. */
  | { type: 'later'; why: string };

export class Lane {
  readonly shard: number;
  readonly stream: Stream;
  readonly #platform: RunnerPlatform;
  readonly #client: Client;
  /** The worker's number as far as known. */
  #seq = 0;
  #failures = 0;
  /** Results to a batch: halved when the worker finds one too large, doubled as they go through. */
  most = MAX_RESULTS;
  /** By the monotonic clock: nothing is sent before. */
  notBeforeMs = 0;

  constructor(platform: RunnerPlatform, client: Client, shard: number, stream: Stream) {
    this.#platform = platform;
    this.#client = client;
    this.shard = shard;
    this.stream = stream;
  }

  /** Posts a batch under the number that comes next; where the worker holds another, above that one. */
  async deliver(batch: Batch): Promise<Delivery> {
    for (let attempt = 0; attempt <= MAX_RENUMBERINGS; attempt++) {
      // A post without results consumes no number.
      const seq = batch.held.length > 0 ? this.#seq + 1 : this.#seq;
      const { shard, stream } = this;
      const outcome = await this.#client.post({ shard, stream, seq }, batch.payload);
      if (outcome.type !== 'sequence') return this.#conclude(outcome, batch);
      this.#seq = outcome.seq;
    }
    return this.#later(
      'its numbers keep changing: does another process run with this data folder?',
      0,
    );
  }

  #conclude(
    outcome: Exclude<Outcome<ResultsAnswer>, { type: 'sequence' }>,
    batch: Batch,
  ): Delivery {
    switch (outcome.type) {
      case 'ok':
        this.#seq = outcome.answer.seq;
        this.#failures = 0;
        this.most = Math.min(MAX_RESULTS, this.most * 2);
        return { type: 'taken', answer: outcome.answer };
      case 'refused':
        return outcome;
      case 'later':
        return this.#later(outcome.why, outcome.afterMs);
      case 'too_large':
        if (batch.held.length === 0) return this.#later(outcome.why, 0);
        if (batch.held.length === 1) return { type: 'unreadable', why: outcome.why };
        this.most = Math.floor(batch.held.length / 2);
        return { type: 'smaller' };
      case 'unreadable':
        return batch.held.length === 0 ? this.#later(outcome.why, 0) : outcome;
    }
  }

  #later(why: string, afterMs: number): Delivery {
    this.#failures++;
    const waitMs = backoffMs(this.#failures, { ...BACKOFF, random01: random01(this.#platform) });
    this.notBeforeMs = this.#platform.monotonicMs() + Math.max(afterMs, waitMs);
    return { type: 'later', why };
  }
}
