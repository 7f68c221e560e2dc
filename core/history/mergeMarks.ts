// The history of a check from what its locations said: the same merge that judged it live, at every moment one of them
// changed its word.
import { CRITICAL, type Level, OK, type Status, WARNING } from '../level.ts';
import { type LocationView, merge } from '../merge.ts';
import type { Policy } from '../policy.ts';
import { newView } from '../view.ts';
import type { Mark } from './follow.ts';

/** From here on the check stands so. */
export interface Run {
  fromAt: number;
  status: Status;
}

/** One location's marks; `assigned` = it was to probe the check at the time. */
export interface MarkedLocation {
  locationId: number;
  assigned: boolean;
  marks: readonly Mark[];
}

const LEVELS: Record<Status, Level | null> = {
  up: OK,
  degraded: WARNING,
  down: CRITICAL,
  unknown: null,
};

/** Runs of the merged status; the first stands at `fromAt`, neighbours differ. */
export function mergeMarks(
  locations: readonly MarkedLocation[],
  policy: Policy,
  fromAt: number,
): Run[] {
  if (policy.type === 'any' && locations.length > 0 && locations.every(alwaysUp)) {
    return [{ fromAt, status: 'up' }];
  }
  const times = new Set([fromAt]);
  for (const { marks } of locations) for (const { fromAt: at } of marks) times.add(at);
  const runs: Run[] = [];
  for (const at of [...times].sort((a, b) => a - b)) {
    const status = statusAt(locations, policy, at);
    if (runs.at(-1)?.status !== status) runs.push({ fromAt: at, status });
  }
  return runs;
}

function alwaysUp({ marks }: MarkedLocation): boolean {
  return marks.length === 1 && marks[0]?.status === 'up';
}

function statusAt(locations: readonly MarkedLocation[], policy: Policy, at: number): Status {
  // Nearly always; merging would say the same.
  if (policy.type === 'any' && locations.some(({ marks }) => markAt(marks, at)?.status === 'up')) {
    return 'up';
  }
  const views: LocationView[] = [];
  for (const { locationId, assigned, marks } of locations) {
    const said = markAt(marks, at);
    // Who is not to probe it any more counts as long as its last word does, and is not missed afterwards.
    if (!assigned && (said === null || said.status === 'unknown')) continue;
    views.push({ locationId, view: said === null ? null : viewOf(said, at) });
  }
  return merge({ policy, locations: views, intervalMs: 0, now: at }).status;
}

function markAt(marks: readonly Mark[], at: number): Mark | null {
  let found: Mark | null = null;
  for (const mark of marks) {
    if (mark.fromAt > at) break;
    found = mark;
  }
  return found;
}

function viewOf({ status, lastGoodAt, badSinceAt, seenGood, fromAt }: Mark, at: number) {
  const level = LEVELS[status];
  return {
    ...newView(0),
    level,
    sinceAt: fromAt,
    at,
    freshForMs: 1,
    lastGoodAt,
    badSinceAt,
    seenGood,
  };
}
