// Where a check lives in the packed rows: a shard of at most 1,000 positions, fixed for its life.
import type { Db } from './db.ts';

export const SHARD_SIZE = 1000;
export const MAX_CHECKS = 5000;

export interface Place {
  shard: number;
  position: number;
}

/** The lowest free places, and how many are taken. Two callers may be given the same: the later write fails (`isPlaceTaken`). */
export async function freePlaces(
  db: Db,
  count: number,
): Promise<{ places: Place[]; taken: number }> {
  const { rows } = await db.$client.execute(
    'select shard, position from check_ where deleted_at is null',
  );
  const taken = new Set(rows.map((row) => Number(row.shard) * SHARD_SIZE + Number(row.position)));
  const places: Place[] = [];
  for (let at = 0; places.length < count; at++) {
    if (taken.has(at)) continue;
    places.push({ shard: Math.floor(at / SHARD_SIZE), position: at % SHARD_SIZE });
  }
  return { places, taken: taken.size };
}

/** Did somebody else take the place between our look and our write? */
export function isPlaceTaken(error: unknown): boolean {
  const { message = '' } = error as { message?: string };
  return /UNIQUE constraint failed: check_\.shard, check_\.position/.test(message);
}
