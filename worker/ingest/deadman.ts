// The dead-men: which runners tell people by themselves when this worker is gone, and in which order.
import type { Rank } from '#core/deadman.ts';
import type { RunnerHealth } from '#core/wire/health.ts';
import { bumpConfig } from '#db/plan.ts';
import { write } from '#db/write.ts';
import type { Platform } from '#worker/platform.ts';
import type { Caller } from './caller.ts';

/** SQL for the ids of the dead-men in their order: by age, so that one that comes or goes moves nobody before it. */
export const DEADMEN_SQL = `select id from runner where deadman = 1 and status = 'active' order by id`;

/** Writes down what a runner says of itself where that is new, and has all of them fetch their ranks. */
export async function noteDeadman(
  platform: Platform,
  { runnerId, deadman }: Caller,
  said: RunnerHealth | null,
): Promise<void> {
  if (said?.deadman === undefined || said.deadman === deadman) return;
  await write(platform.db, [
    ...bumpConfig(),
    {
      sql: 'update runner set deadman = ? where id = ?',
      args: [said.deadman ? 1 : 0, runnerId],
    },
  ]);
}

/** A runner's turn; null = it is no dead-man. */
export function rankOf(runnerId: number, ids: readonly number[]): Rank | null {
  const rank = ids.indexOf(runnerId);
  return rank === -1 ? null : { rank, of: ids.length };
}
