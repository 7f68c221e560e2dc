// Where the history of a check lies, and how far it is folded.

import type { Judging } from '#core/history/chunk.ts';
import type { Maintenance } from '#core/maintenance.ts';
import type { Policy } from '#core/policy.ts';
import { dayOf, HOUR_MS, type Ring } from '#db/history.ts';
import { readMaintenances } from '#db/maintenance.ts';
import type { Fleet } from '#db/plan.ts';
import { parseFleet } from '#db/plan.ts';
import type { Platform } from '#worker/platform.ts';
import { newCursor, parseCursor } from './cursor.ts';
import { type Keeping, readKeeping, ringsFor } from './rings.ts';

export interface HistoryPlace {
  checkId: number;
  hostId: number;
  shard: number;
  position: number;
  createdAt: number;
  judging: Judging;
  locations: number[] | null;
  runnerId: number | null;
  fleet: Fleet;
  rings: Ring[];
  keeping: Keeping;
  /** Planned work since what is asked for. */
  maintenances: Maintenance[];
  /** The first hour of it that is not folded. */
  hour: number;
  /** The first day of it that is not summed up. */
  day: number;
  now: number;
}

/** Null = there is no such check. Reads 3 rows, and those of work that was planned since `fromAt`. */
export async function placeOf(
  platform: Platform,
  checkId: number,
  fromAt = platform.now(),
): Promise<HistoryPlace | null> {
  const [checks, fleets, kept, planned] = await platform.db.$client.batch(
    [
      {
        sql: `select c.host_id, c.shard, c.position, c.created_at, c.interval_ms, c.timeout_ms, c.failures, c.successes, c.policy,
                c.locations, c.runner_id, f.version, f.body
              from check_ c left join folded f on f.shard = c.shard where c.id = ? and c.deleted_at is null`,
        args: [checkId],
      },
      `select value from setting where key = 'fleet'`,
      readKeeping.sql,
      readMaintenances.sql(fromAt, platform.now()),
    ],
    'read',
  );
  const row = checks?.rows[0];
  if (!row) return null;
  const now = platform.now();
  const keeping = readKeeping.parse(kept);
  const hostId = Number(row.host_id);
  const shard = Number(row.shard);
  const position = Number(row.position);
  const cursor = row.body !== null ? parseCursor(row) : newCursor(shard, now);
  const fleet = parseFleet(fleets?.rows[0]?.value as string | undefined);
  const hour = cursor.hour + (position < cursor.position ? 1 : 0);
  const rolled = cursor.day + (position < cursor.dayPosition ? 1 : 0);
  return {
    checkId,
    hostId,
    shard,
    position,
    createdAt: Number(row.created_at),
    judging: {
      intervalMs: Number(row.interval_ms),
      timeoutMs: Number(row.timeout_ms),
      failures: Number(row.failures),
      successes: Number(row.successes),
      flushMs: fleet.flushMs ?? platform.config.flushMs,
      policy: JSON.parse(String(row.policy)) as Policy,
    },
    locations:
      row.locations === null ? null : (JSON.parse(String(row.locations)) as number[] | null),
    runnerId: row.runner_id === null ? null : Number(row.runner_id),
    fleet,
    rings: ringsFor(keeping, hostId),
    keeping,
    maintenances: readMaintenances.parse(planned),
    hour,
    day: Math.min(rolled, dayOf(hour * HOUR_MS)),
    now,
  };
}
