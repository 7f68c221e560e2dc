// When a check is due: every so often, or at the times that a cron expression names.
import * as z from 'zod';
import { type Cron, isDay, isZone, nextCron, parseCron } from './cron.ts';
import { nextSlotAt, type Place } from './schedule.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Weekdays and dates come together again the same way after 28 years. */
const CYCLE_DAYS = 10_227;
const CYCLE_FROM_DAY = Date.UTC(2024, 0, 1) / DAY_MS;
/** Longer pauses say nothing about whether something is up. */
const MAX_GAP_MS = 8 * DAY_MS;

/** A cron expression and the zone whose clock it means. */
export interface Timetable {
  cron: string;
  zone: string;
}

/** The longest and the shortest time between two due times; null when there are no two. */
export function gapsOf(cron: Cron, zone: string): { longestMs: number; shortestMs: number } | null {
  const minutes = [...cron.minutes].sort((a, b) => a - b);
  const hours = [...cron.hours].sort((a, b) => a - b);
  const times = hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute));
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const within = times.slice(1).map((minute, index) => minute - (times[index] as number));
  let longest = Math.max(0, ...within);
  let shortest = Math.min(Number.POSITIVE_INFINITY, ...within);
  let before: number | null = null;
  for (let day = 0; day < CYCLE_DAYS; day++) {
    const time = new Date((CYCLE_FROM_DAY + day) * DAY_MS);
    if (!cron.months.has(time.getUTCMonth() + 1) || !isDay(cron, time)) continue;
    if (before !== null) {
      const gap = (day - before) * 1440 + first - last;
      longest = Math.max(longest, gap);
      shortest = Math.min(shortest, gap);
    }
    before = day;
  }
  if (!Number.isFinite(shortest)) return null;
  // A clock put back makes one pause longer.
  const longer = zone === 'UTC' || (cron.hours.size === 24 && longest <= 60) ? 0 : 60;
  return { longestMs: (longest + longer) * MINUTE_MS, shortestMs: shortest * MINUTE_MS };
}

/** Between two due times of an expression; of one that cannot be read a minute. */
export function shortestGapMs(text: string, zone: string): number {
  const cron = readCron(text);
  return (cron && gapsOf(cron, zone)?.shortestMs) ?? MINUTE_MS;
}

/** The first place of a check on the wall clock strictly after `afterAt` (epoch ms). */
export function nextDueAt(check: Due, afterAt: number): number {
  const { intervalMs, schedule } = check;
  return (schedule && nextTimeAt(schedule, afterAt)) ?? nextSlotAt(check, intervalMs, afterAt);
}

/** The first time of a timetable strictly after `afterAt` (epoch ms); null of one that cannot be read. */
export function nextTimeAt({ cron: text, zone }: Timetable, afterAt: number): number | null {
  const cron = readCron(text);
  return cron && nextCron(cron, zone, afterAt);
}

interface Due extends Place {
  intervalMs: number;
  schedule?: Timetable | null | undefined;
}

const known = new Map<string, Cron | null>();

/** Null for what cannot be read. */
function readCron(text: string): Cron | null {
  const held = known.get(text);
  if (held !== undefined) return held;
  const cron = parseCron(text);
  const read = typeof cron === 'string' ? null : cron;
  if (known.size >= 1000) known.clear();
  known.set(text, read);
  return read;
}

/** A zod field that takes an expression which comes round at least every eight days. */
export const cronField = z
  .string()
  .trim()
  .max(200)
  .superRefine((text, context) => {
    const cron = parseCron(text);
    const message = typeof cron === 'string' ? cron : tooSeldom(cron);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

export const zoneField = z
  .string()
  .trim()
  .max(64)
  .refine(isZone, { message: 'is not a time zone; write it like "Europe/Berlin" or "UTC"' });

function tooSeldom(cron: Cron): string | null {
  const { longestMs = Number.POSITIVE_INFINITY } = gapsOf(cron, 'UTC') ?? {};
  if (longestMs <= MAX_GAP_MS) return null;
  const days = Number.isFinite(longestMs)
    ? `up to ${Math.round(longestMs / DAY_MS)} days`
    : 'years';
  return `leaves ${days} between two times; at most 8 days are allowed`;
}
