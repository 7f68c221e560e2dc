// How much of the known time a check could be reached, from the same figures the bars show.
import { combine, type Figures, NO_FIGURES, uptimeOf } from '#core/history/figures.ts';
import { lineOf, openSince } from '#core/history/foldHour.ts';
import type { StatusTimes } from '#core/history/series.ts';
import { trackOf } from '#core/history/track.ts';
import { DAY_MS, dayOf, HOUR_MS, hourOf } from '#db/history.ts';
import type { Platform } from '#worker/platform.ts';
import { type HistoryPlace, placeOf } from './place.ts';
import { readHours } from './readHours.ts';
import { leftOutOf, readDayLines } from './readSeries.ts';

/** "24h" ends now; days and months are UTC days, today as far as it is folded. */
export type UptimeWindow = '24h' | '7d' | '30d' | '90d' | '365d' | `${number}-${number}`;

export interface Uptime extends StatusTimes {
  window: UptimeWindow;
  fromAt: number;
  toAt: number;
  /** Percent, three digits; null = nothing is known. Degraded counts as reached. */
  uptime: number | null;
  incidents: number;
}

const DAYS: Record<string, number> = { '7d': 7, '30d': 30, '90d': 90, '365d': 365 };

/** Null = there is no such check. At most 55 rows, whatever is asked. */
export async function readUptime(
  platform: Platform,
  checkId: number,
  windows: readonly UptimeWindow[],
): Promise<Uptime[] | null> {
  // Of what is summed up already it is left out already.
  const place = await placeOf(platform, checkId, platform.now() - 3 * DAY_MS);
  if (place === null) return null;
  const byDay = windows.some((window) => window !== '24h')
    ? await readDays(platform, place)
    : new Map();
  const uptimes: Uptime[] = [];
  for (const window of windows) {
    if (window === '24h') uptimes.push(await lastDay(platform, place));
    else {
      const [first, last] = daysOf(window, dayOf(place.now));
      const days = [...byDay]
        .filter(([day]) => day >= first && day <= last)
        .map(([, each]) => each);
      const toAt = Math.min((last + 1) * DAY_MS, place.now);
      uptimes.push(told(window, combine(days), first * DAY_MS, toAt));
    }
  }
  return uptimes;
}

function daysOf(window: UptimeWindow, today: number): [first: number, last: number] {
  const count = DAYS[window];
  if (count !== undefined) return [today - count + 1, today];
  const [year = 1970, month = 1] = window.split('-').map(Number);
  return [dayOf(Date.UTC(year, month - 1, 1)), dayOf(Date.UTC(year, month, 1)) - 1];
}

/** Every day there is: summed up ones from their row, the others from their hours. */
async function readDays(platform: Platform, place: HistoryPlace): Promise<Map<number, Figures>> {
  const days = new Map<number, Figures>();
  for (const [at, { merged }] of await readDayLines(platform, place, 0, place.now)) {
    days.set(dayOf(at), merged);
  }
  const fromHour = hourOf(place.day * DAY_MS);
  const toAt = place.hour * HOUR_MS;
  if (toAt <= fromHour * HOUR_MS) return days;
  const read = await readHours(platform, place, { fromHour, toAt, open: false, metrics: false });
  const hours = new Map<number, Figures[]>();
  let open = read.openBefore;
  for (const { hourAt, endAt, chunk } of read.hours) {
    const leftOut = leftOutOf(place, hourAt, endAt);
    const { merged } = lineOf(chunk, read.outcomes, open, hourAt, endAt, leftOut);
    open = openSince(chunk.merged, open ? hourAt : null) !== null;
    hours.set(dayOf(hourAt), [...(hours.get(dayOf(hourAt)) ?? []), merged]);
  }
  for (const [day, figures] of hours) days.set(day, combine(figures));
  return days;
}

async function lastDay(platform: Platform, place: HistoryPlace): Promise<Uptime> {
  const toAt = place.now;
  const fromAt = toAt - DAY_MS;
  const read = await readHours(platform, place, {
    fromHour: hourOf(fromAt),
    toAt,
    open: true,
    metrics: false,
  });
  const { chunk } = trackOf(read.hours, read.outcomes, fromAt, toAt);
  return told(
    '24h',
    lineOf(chunk, read.outcomes, read.openBefore, fromAt, toAt, leftOutOf(place, fromAt, toAt))
      .merged,
    fromAt,
    toAt,
  );
}

function told(window: UptimeWindow, figures: Figures, fromAt: number, toAt: number): Uptime {
  const { upMs, degradedMs, downMs, maintenanceMs, incidents } = { ...NO_FIGURES, ...figures };
  const known = upMs + degradedMs + downMs + maintenanceMs;
  return {
    window,
    fromAt,
    toAt,
    uptime: uptimeOf(figures),
    upMs,
    degradedMs,
    downMs,
    unknownMs: Math.max(0, toAt - fromAt - known),
    maintenanceMs,
    incidents,
  };
}
