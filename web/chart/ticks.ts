// Where the time axis is marked, and with which words.
import { UTC, type Zone } from './zone.ts';

export interface TimeTick {
  at: number;
  label: string;
  /** A new day among hours, a new year among months: drawn stronger. */
  major: boolean;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday. */
const MONDAY = 4 * DAY;

const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14].map((n) => n * DAY),
];
const MONTHS_APART = [1, 2, 3, 6, 12];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** At most `most` ticks, at round times of the zone. */
export function timeTicks(
  fromAt: number,
  toAt: number,
  most: number,
  zone: Zone = UTC,
): TimeTick[] {
  const wanted = (toAt - fromAt) / Math.max(1, most);
  const step = STEPS.find((each) => each >= wanted);
  return step === undefined
    ? monthTicks(fromAt, toAt, wanted, zone)
    : evenTicks(fromAt, toAt, step, zone);
}

function evenTicks(fromAt: number, toAt: number, step: number, zone: Zone): TimeTick[] {
  const origin = step >= 7 * DAY ? MONDAY : 0;
  const first = zone.toLocal(fromAt) - step;
  const ticks: TimeTick[] = [];
  let local = Math.ceil((first - origin) / step) * step + origin;
  // An hour that a clock change repeats or leaves out moves no mark by more than itself: one step more on each side.
  for (const last = zone.toLocal(toAt) + step; local <= last; local += step) {
    const at = zone.toInstant(local);
    if (at < fromAt || at > toAt || at <= (ticks.at(-1)?.at ?? -1)) continue;
    const midnight = local % DAY === 0;
    const label = midnight ? dayText(local) : clockText(local);
    ticks.push({ at, label, major: midnight && step < DAY });
  }
  return ticks;
}

function monthTicks(fromAt: number, toAt: number, wanted: number, zone: Zone): TimeTick[] {
  const apart = MONTHS_APART.find((months) => months * 30 * DAY >= wanted) ?? 12;
  const start = new Date(zone.toLocal(fromAt));
  const ticks: TimeTick[] = [];
  let month = Math.floor(start.getUTCMonth() / apart) * apart;
  for (; ; month += apart) {
    const local = Date.UTC(start.getUTCFullYear(), month, 1);
    const at = zone.toInstant(local);
    if (at > toAt) return ticks;
    if (at < fromAt) continue;
    const date = new Date(local);
    const january = date.getUTCMonth() === 0;
    const label = january ? String(date.getUTCFullYear()) : (MONTHS[date.getUTCMonth()] as string);
    ticks.push({ at, label, major: january });
  }
}

function dayText(local: number): string {
  const date = new Date(local);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

function clockText(local: number): string {
  return new Date(local).toISOString().slice(11, 16);
}

/** "21 Nov 2026, 09:03", in the zone's own time. */
export function instantText(at: number, zone: Zone): string {
  const local = zone.toLocal(at);
  return `${dayText(local)} ${new Date(local).getUTCFullYear()}, ${clockText(local)}`;
}

/** "20 Nov 2026, 09:00 to 21 Nov 2026, 09:00 UTC". */
export function rangeText(fromAt: number, toAt: number, zone: Zone = UTC): string {
  return `${instantText(fromAt, zone)} to ${instantText(toAt, zone)} ${zone.name}`;
}
