// The table of days: what every isolate and process adds what it counted to, seldom, so that counting costs little.
import { type Count, combine, DAY_MS, dayOf, NOTHING, type Span } from '#core/meter/projection.ts';
import { write } from '#db/write.ts';
import type { Platform } from '#worker/platform.ts';
import { type Counter, counterOf } from './counter.ts';

/** An isolate adds what it counted after this time or this many requests: ≤ 144 rows a day, and 4 for 1,000 requests. */
const EVERY_MS = 600_000;
const EVERY_REQUESTS = 250;

/** One more request. */
export function countRequest(platform: Platform): void {
  const counter = counterOf(platform.db);
  counter.sinceAt ??= platform.now();
  counter.requests += 1;
}

/** After an answer, so that none misses what is just being written: where rows are counted, notes them when it is time. */
export function saveUsageLater(platform: Platform): void {
  const counter = counterOf(platform.db);
  if (counter.source !== 'file' && isDue(counter, platform.now())) {
    platform.defer(() => saveUsage(platform));
  }
}

/** Writes down what was counted when it is time; true when it was. */
export async function saveUsageInTime(platform: Platform): Promise<boolean> {
  const counter = counterOf(platform.db);
  const now = platform.now();
  counter.sinceAt ??= now;
  if (!isDue(counter, now)) return false;
  await saveUsage(platform);
  return true;
}

function isDue({ sinceAt, requests }: Counter, now: number): boolean {
  if (sinceAt === null) return false;
  return now - sinceAt >= EVERY_MS || requests >= EVERY_REQUESTS || dayOf(now) !== dayOf(sinceAt);
}

/** Adds what was counted to its day; what cannot be written is kept for the next time. */
export async function saveUsage(platform: Platform): Promise<void> {
  const counter = counterOf(platform.db);
  const { sinceAt, rowsRead, rowsWritten, requests } = counter;
  if (sinceAt === null) return;
  Object.assign(counter, NOTHING, { sinceAt: platform.now() });
  try {
    await write(platform.db, [
      {
        sql: `insert into usage (day, since_at, rows_read, rows_written, requests) values (?, ?, ?, ?, ?)
              on conflict (day) do update set since_at = min(since_at, excluded.since_at),
                rows_read = rows_read + excluded.rows_read, rows_written = rows_written + excluded.rows_written,
                requests = requests + excluded.requests`,
        args: [dayOf(sinceAt), sinceAt, rowsRead, rowsWritten, requests],
      },
    ]);
  } catch (error) {
    counter.sinceAt = sinceAt;
    counter.rowsRead += rowsRead;
    counter.rowsWritten += rowsWritten;
    counter.requests += requests;
    throw error;
  }
}

export interface UsageDay extends Count {
  day: number;
  sinceAt: number;
}

/** The days from one on, in order: a row each. */
export async function readUsage({ db }: Platform, fromDay: number): Promise<UsageDay[]> {
  const { rows } = await db.$client.execute({
    sql: 'select day, since_at, rows_read, rows_written, requests from usage where day >= ? order by day',
    args: [fromDay],
  });
  return rows.map((row) => ({
    day: Number(row.day),
    sinceAt: Number(row.since_at),
    rowsRead: Number(row.rows_read),
    rowsWritten: Number(row.rows_written),
    requests: Number(row.requests),
  }));
}

/** The same with what this isolate has not written down yet. */
export function withPending({ db }: Platform, days: readonly UsageDay[]): UsageDay[] {
  const { sinceAt, ...counted } = counterOf(db);
  if (sinceAt === null) return [...days];
  const day = dayOf(sinceAt);
  const known = days.find((each) => each.day === day);
  const others = days.filter((each) => each !== known);
  const before = known ?? { ...NOTHING, sinceAt };
  return [
    ...others,
    {
      ...combine(before, counted, (a, b) => a + b),
      day,
      sinceAt: Math.min(before.sinceAt, sinceAt),
    },
  ];
}

/** A day's count as the span it was counted in. */
export function spanOf(days: readonly UsageDay[], day: number, now: number): Span | null {
  const found = days.find((each) => each.day === day);
  if (!found) return null;
  const { sinceAt, rowsRead, rowsWritten, requests } = found;
  const fromAt = sinceAt - day * DAY_MS < EVERY_MS ? day * DAY_MS : sinceAt;
  return {
    fromAt,
    untilAt: Math.min(now, (day + 1) * DAY_MS),
    count: { rowsRead, rowsWritten, requests },
  };
}
