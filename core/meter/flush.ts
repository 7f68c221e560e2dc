// How often runners post when nobody set it: seldomer as a plan fills up, oftener when there is room again.
import type { DayAllowance } from './plans.ts';
import type { Count } from './projection.ts';

/** What is gone to above the usual. */
export const SLOWER_MS = [30_000, 60_000];
/** Above this part of a plan posts become seldomer; they become oftener again only where less than `ROOM` would be used. */
const FULL = 0.5;
const ROOM = 0.4;

export type Resource = keyof Count;

/** The greatest part of an allowance that a day's count takes, and of what; null without limits. */
export function tightest(
  day: Count,
  allowance: DayAllowance,
): { resource: Resource; share: number } | null {
  const shares = (['rowsWritten', 'requests', 'rowsRead'] as const).flatMap((resource) => {
    const limit = allowance[resource];
    return limit === null ? [] : [{ resource, share: day[resource] / limit }];
  });
  return shares.sort((a, b) => b.share - a.share)[0] ?? null;
}

/** The flush to go to from `heldMs`; `shareAt` tells what part of the plan a day would take at another flush. */
export function chooseFlush(
  usualMs: number,
  heldMs: number,
  shareAt: (flushMs: number) => number,
): number {
  const steps = [usualMs, ...SLOWER_MS.filter((ms) => ms > usualMs)];
  const last = steps.at(-1) ?? usualMs;
  if (shareAt(heldMs) > FULL) {
    return steps.find((ms) => ms > heldMs && shareAt(ms) <= FULL) ?? Math.max(heldMs, last);
  }
  return steps.find((ms) => ms < heldMs && shareAt(ms) <= ROOM) ?? heldMs;
}
