// The worker's own looks, minute by minute: what is due, in which order when not all can be done, and whether its eyes are
// to be believed. Pure.
import type { Timetable } from './timetable.ts';
import { nextTimeAt } from './timetable.ts';

export interface LookDue {
  position: number;
  intervalMs: number;
  schedule: Timetable | null;
  /** When it was last looked at, or tried to; 0 = never. */
  lastAt: number;
}

/** Ticks do not come to the second: what would be due this soon is. */
const EARLY = 1 / 10;
const MOST_EARLY_MS = 20_000;

export function isLookDue({ intervalMs, schedule, lastAt }: LookDue, now: number) {
  if (lastAt === 0) return true;
  const timeAt = schedule && nextTimeAt(schedule, lastAt);
  if (timeAt !== null) return timeAt <= now;
  return now - lastAt >= intervalMs - Math.min(intervalMs * EARLY, MOST_EARLY_MS);
}

/** Those first that have waited longest for their interval: what found no room comes before, the next time. */
export function longestWaiting<T extends LookDue>(due: readonly T[], now: number): T[] {
  const waited = ({ lastAt, intervalMs }: LookDue) => (now - lastAt) / intervalMs;
  return [...due].sort((a, b) => waited(b) - waited(a) || a.position - b.position);
}

/** How many looks a minute checks come to, without redirects and repeats. */
export function looksAMinute(checks: ReadonlyArray<{ intervalMs: number }>): number {
  return checks.reduce((sum, { intervalMs }) => sum + 60_000 / intervalMs, 0);
}

/** What a look came to, as far as the worker's own sight goes. */
export interface Glance {
  host: string;
  /** Something there answered, well or badly; null = it could not be asked. */
  reached: boolean | null;
}

/**
 * Nothing answered on two hosts or more, so the worker's own network may be the cause: what failed has no vote. A single
 * host that fails is believed, or nobody who watches one thing would ever hear of it.
 */
export function isBlind(glances: readonly Glance[]): boolean {
  if (glances.some(({ reached }) => reached === true)) return false;
  return (
    new Set(glances.filter(({ reached }) => reached === false).map(({ host }) => host)).size > 1
  );
}

/** These mean that the other side was never heard; everything else is an answer. */
export function isUnheard(code: string): boolean {
  return /^(dns|connect)\.|^timeout$/.test(code);
}
