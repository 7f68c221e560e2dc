// How long the detail of hours is kept: a ring of so many hours. A new length begins a new ring; the old one is read
// until all of it is out of reach, and then removed a little at a time.
import type { ResultSet } from '@libsql/client';
import { chunkKeysOf, FIRST_RING, hourOf, type Ring } from '#db/history.ts';
import { write } from '#db/write.ts';
import type { Platform } from '#worker/platform.ts';

/** Rows of an old ring removed at once. */
const REMOVED_AT_ONCE = 500;

/** To stand in a batch of reads, and what to make of its result. */
export const readRings = {
  sql: `select value from setting where key = 'history_rings'`,
  parse(result: ResultSet | undefined): Ring[] {
    const value = result?.rows[0]?.value;
    return value === undefined ? [FIRST_RING] : (JSON.parse(String(value)) as Ring[]);
  },
};

/** The first hour whose detail is still shown. */
export function oldestHour(rings: readonly Ring[], now: number): number {
  return hourOf(now) - (rings.at(-1) ?? FIRST_RING).hours + 1;
}

/** The rings with one more, for hours from the next one on. */
export function nextRings(rings: readonly Ring[], hours: number, now: number): Ring[] {
  const last = rings.at(-1) ?? FIRST_RING;
  if (last.hours === hours) return [...rings];
  const sinceHour = hourOf(now) + 1;
  // A ring nothing was put into yet is replaced.
  if (last.sinceHour === sinceHour) return [...rings.slice(0, -1), { ...last, hours }];
  return [...rings, { id: (last.id + 1) % 16, hours, sinceHour }];
}

/** Removes some of the oldest ring once nothing of it is shown; true while there is more. */
export async function removeOldRing(
  platform: Platform,
  rings: readonly Ring[],
  now: number,
): Promise<boolean> {
  const [oldest, next] = rings;
  if (!oldest || !next || next.sinceHour > oldestHour(rings, now)) return false;
  const [from] = chunkKeysOf([{ ...oldest, sinceHour: 0 }], 0);
  const [, to] = chunkKeysOf([{ ...oldest, sinceHour: 0 }], oldest.hours - 1);
  const some = (table: string) => ({
    sql: `delete from ${table} where k in (select k from ${table} where k between ? and ? limit ?)`,
    args: [from, to, REMOVED_AT_ONCE],
  });
  const removed = await write(platform.db, [some('chunk'), some('metric')]);
  if (removed.some(({ rowsAffected }) => rowsAffected > 0)) return true;
  await write(platform.db, [
    {
      sql: `update setting set value = ? where key = 'history_rings' and value = ?`,
      args: [JSON.stringify(rings.slice(1)), JSON.stringify(rings)],
    },
  ]);
  return true;
}
