// What goes wrong with the history, said once.
import { renderFleet } from '#core/messages/fleet.ts';
import type { FleetNotice } from '#core/notice.ts';
import { channelsFor } from '#core/routing.ts';
import { HOUR_MS } from '#db/history.ts';
import { write } from '#db/write.ts';
import { dispatch } from '#worker/dispatch.ts';
import { readRules } from '#worker/judge/notices.ts';
import { enqueue } from '#worker/outbox.ts';
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

/** Hours that nobody folded in time are told of: their results were overwritten by newer ones. */
export async function reportLost(
  platform: Platform,
  { shard, hour }: Cursor,
  oldestHour: number,
): Promise<void> {
  const [from, to] = [hour, oldestHour].map((each) => new Date(each * HOUR_MS).toISOString());
  const text = `no tick folded the history from ${from} to ${to}; its results are gone (shard ${shard})`;
  platform.log('error', `history: ${text}`);
  await write(platform.db, [
    {
      sql: `insert into event (at, kind, text) select ?, 'history.lost', ?
            where not exists (select 1 from event where kind = 'history.lost' and text = ? and at > ?)`,
      args: [platform.now(), text, text, platform.now() - 86_400_000],
    },
  ]);
}

/** An event and a message when the history falls behind, and when it has caught up. */
export async function tellBehind(platform: Platform, cursor: Cursor, now: number): Promise<void> {
  const lag = lagMs(cursor, now);
  const behind = lag >= BEHIND_MS || (cursor.toldBehind && lag > HOUR_MS);
  if (cursor.version === 0 || behind === cursor.toldBehind) return;
  const notice: FleetNotice = {
    type: 'fleet',
    key: `history ${cursor.shard} ${cursor.version}`,
    at: now,
    url: `${platform.config.url}/admin/runners`,
    event: behind ? 'behind' : 'caught_up',
    runners: [],
    sinceAt: cursor.hour * HOUR_MS,
    untilAt: null,
  };
  const { subject } = renderFleet(notice);
  platform.log('warn', subject, { shard: cursor.shard, lagMs: lag });
  const channelIds = channelsFor(notice, await readRules(platform));
  const guard = unmoved(cursor);
  await write(platform.db, [
    {
      sql: `insert into event (at, kind, text, body) select ?, ?, ?, ? where ${guard.sql}`,
      args: [now, `history.${notice.event}`, subject, JSON.stringify(notice), ...guard.args],
    },
    ...enqueue([{ notice, channelIds }], now, guard),
    advance(cursor, { ...cursor, toldBehind: behind }),
  ]);
  if (channelIds.length > 0) platform.defer(() => dispatch(platform));
}
