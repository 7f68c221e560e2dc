// Results of hours that are closed wait in a ring until they are folded in. When folding has not caught up, whoever
// brings more is asked to wait: they are safe where they are, and here they would take the place of others.
import { RING_SPANS, spanOf } from '#db/db.ts';
import { waitingSince } from '#worker/history/cursor.ts';
import type { Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';

/** Spans left free for what is under way. */
const SPARE = 4;
const WAIT_S = 60;

/** Refuses when what would be overwritten is not folded yet: 1 row read. */
export async function refuseWithoutRoom({ db, now }: Platform, shard: number): Promise<void> {
  const { rows } = await db.$client.execute({
    sql: 'select shard, version, body from folded where shard = ?',
    args: [shard],
  });
  const [row] = rows;
  if (row === undefined || spanOf(now()) - waitingSince(row) < RING_SPANS - SPARE) return;
  throw new Problem('too_many', {
    detail: 'Older results are still being worked in; keep these and send them again later.',
    headers: { 'retry-after': String(WAIT_S) },
  });
}
