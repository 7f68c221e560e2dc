// What all posting shares: who to call, where results are kept, what every batch tells.
import type { ResultsAnswer } from '#core/wire/results.ts';
import type { Client } from '#runner/client.ts';
import type { RunnerPlatform } from '#runner/platform.ts';
import type { Spool } from '#runner/spool/spool.ts';
import type { Batch } from './batch.ts';
import type { Delivery, Lane } from './lane.ts';
import type { Reach } from './reach.ts';
import { setAside } from './rejected.ts';

export interface Office {
  platform: RunnerPlatform;
  client: Client;
  spool: Spool;
  reach: Reach;
  /** The runner's time and the assignments it knows. */
  head: () => { sentAt: number; configVersion: number };
  answered: (answer: ResultsAnswer) => void;
  /** How often results are posted, as the worker last said. */
  flushMs: number;
}

/** Lets go of a batch that the worker has, or will never read. */
export async function settle(
  { platform, spool, reach, head, answered }: Office,
  lane: Lane,
  batch: Batch,
  delivery: Extract<Delivery, { type: 'taken' | 'unreadable' }>,
): Promise<void> {
  spool.done(batch.held);
  if (delivery.type === 'taken') {
    spool.told(batch.lost);
    reach.good(spool.late);
    answered(delivery.answer);
    return;
  }
  spool.untold(batch.lost);
  const { shard, stream } = lane;
  await setAside(platform, batch, { shard, stream, why: delivery.why, at: head().sentAt });
}
