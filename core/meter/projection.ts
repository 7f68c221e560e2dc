// From what was counted to what a day and a month will come to.

/** What is counted, and what plans limit. */
export interface Count {
  rowsRead: number;
  rowsWritten: number;
  requests: number;
}

/** What was counted between two instants. */
export interface Span {
  fromAt: number;
  untilAt: number;
  count: Count;
}

export const NOTHING: Count = { rowsRead: 0, rowsWritten: 0, requests: 0 };
export const DAY_MS = 86_400_000;

/** Less than this of counting says nothing of a day. */
const LEAST_MS = 600_000;
/** After this much of a day it speaks for itself; before, the day before has its part. */
const TRUSTED_MS = 6 * 3_600_000;

export function combine(a: Count, b: Count, by: (a: number, b: number) => number): Count {
  return {
    rowsRead: by(a.rowsRead, b.rowsRead),
    rowsWritten: by(a.rowsWritten, b.rowsWritten),
    requests: by(a.requests, b.requests),
  };
}

/** What a whole day costs at the present pace; null before enough was counted. */
export function paceOf(today: Span | null, yesterday: Span | null): Count | null {
  const [todayMs, yesterdayMs] = [lengthOf(today), lengthOf(yesterday)];
  if (todayMs + yesterdayMs < LEAST_MS) return null;
  const trust = yesterdayMs < LEAST_MS ? 1 : Math.min(1, todayMs / TRUSTED_MS);
  return combine(perDay(today), perDay(yesterday), (a, b) => trust * a + (1 - trust) * b);
}

function lengthOf(span: Span | null): number {
  return span === null ? 0 : Math.max(0, span.untilAt - span.fromAt);
}

function perDay(span: Span | null): Count {
  const ms = lengthOf(span);
  if (span === null || ms === 0) return NOTHING;
  return combine(span.count, NOTHING, (counted) => (counted * DAY_MS) / ms);
}

/** What was counted, and the rest of the time at the present pace. */
export function projected(counted: Count, pace: Count, restMs: number): Count {
  return combine(counted, pace, (so, far) => Math.round(so + (far * restMs) / DAY_MS));
}

export function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

/** The month around an instant, as UTC days: first, first of the next, and how many. */
export function monthOf(at: number): { firstDay: number; endDay: number; days: number } {
  const time = new Date(at);
  const [year, month] = [time.getUTCFullYear(), time.getUTCMonth()];
  const firstDay = dayOf(Date.UTC(year, month, 1));
  const endDay = dayOf(Date.UTC(year, month + 1, 1));
  return { firstDay, endDay, days: endDay - firstDay };
}
