// What all posting shares: who to call, where results are kept, what every batch tells.
import type { RunnerHealth } from '#core/wire/health.ts';
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
  /** What this runner has to say of itself now; null = nothing new. */
  health: () => RunnerHealth | null;
  /** Batches the worker could not read, and why not. */
  rejected: { count: number; lastReason: string | null };
  answered: (answer: ResultsAnswer) => void;
  /** How often results are posted, as the worker last said. */
  flushMs: number;
}

/** Lets go of a batch that the worker has, or will never read. */
export async function settle(
  { platform, spool, reach, head, answered, rejected }: Office,
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
  rejected.count++;
  rejected.lastReason = delivery.why.slice(0, 200);
  const { shard, stream } = lane;
  await setAside(platform, batch, { shard, stream, why: delivery.why, at: head().sentAt });
}
