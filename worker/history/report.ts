// What goes wrong with the history, said once.
import { HOUR_MS } from '#db/history.ts';
import { write } from '#db/write.ts';
import type { Platform } from '#worker/platform.ts';
import { advance, type Cursor, FOLD_AFTER_MS, unmoved } from './cursor.ts';

/** So far behind, people are told. */
export const BEHIND_MS = 3 * HOUR_MS;

/** How long the oldest hour that is not folded has been due. */
export function lagMs({ hour }: Pick<Cursor, 'hour'>, now: number): number {
  return Math.max(0, now - (hour + 1) * HOUR_MS - FOLD_AFTER_MS);
}

/** A line in the log each time, an event the first time of the day. */
export async function reportCorrupt(platform: Platform, corrupt: readonly string[]): Promise<void> {
  if (corrupt.length === 0) return;
  const now = platform.now();
  for (const what of corrupt.slice(0, 10)) {
    platform.log('warn', 'history: cannot be read and is left out', { what });
  }
  await write(
    platform.db,
    corrupt.slice(0, 10).map((what) => ({
      sql: `insert into event (at, kind, text) select ?, 'history.corrupt', ?
            where not exists (select 1 from event where kind = 'history.corrupt' and text = ? and at > ?)`,
      args: [now, what, what, now - 86_400_000],
    })),
  );
}

/** An event when the history falls behind, and when it has caught up. */
export async function tellBehind(platform: Platform, cursor: Cursor, now: number): Promise<void> {
  const lag = lagMs(cursor, now);
  const behind = lag >= BEHIND_MS || (cursor.toldBehind && lag > HOUR_MS);
  if (cursor.version === 0 || behind === cursor.toldBehind) return;
  const hours = Math.floor(lag / HOUR_MS);
  const text = behind
    ? `history of shard ${cursor.shard} is ${hours} h behind: charts end there, nothing is lost for 8 h`
    : `history of shard ${cursor.shard} has caught up`;
  const guard = unmoved(cursor);
  platform.log('warn', text);
  await write(platform.db, [
    {
      sql: `insert into event (at, kind, text) select ?, ?, ? where ${guard.sql}`,
      args: [now, behind ? 'history.behind' : 'history.caught_up', text, ...guard.args],
    },
    advance(cursor, { ...cursor, toldBehind: behind }),
  ]);
}
