// What a location says of a check when several runners stand in it.
import type { LocationView } from './merge.ts';
import { hasVote, type View } from './view.ts';

/** One active runner of the location with its view of the check. */
export interface RunnerView {
  /** Null = it has never reported this check (at this revision). */
  view: View | null;
  silent: boolean;
  quarantined?: boolean;
}

/**
 * The newest view that has a vote; without one the newest of a runner that speaks, else the last word of one that does
 * not. When the location last saw it good is remembered over all its runners: a standby that takes over knows nothing.
 */
export function locationView(
  locationId: number,
  runners: readonly RunnerView[],
  now: number,
): LocationView {
  let best: RunnerView | null = null;
  let lastGoodAt: number | null = null;
  for (const each of runners) {
    if (each.view === null) continue;
    if (best === null || precedes(each, best, now)) best = each;
    const { lastGoodAt: good } = each.view;
    if (good !== null && (lastGoodAt === null || good > lastGoodAt)) lastGoodAt = good;
  }
  if (best === null || best.view === null) {
    return { locationId, view: null, silent: runners.every(({ silent }) => silent) };
  }
  const view = best.view.lastGoodAt === lastGoodAt ? best.view : { ...best.view, lastGoodAt };
  return { locationId, view, silent: best.silent, quarantined: best.quarantined === true };
}

function precedes(one: RunnerView, other: RunnerView, now: number): boolean {
  const standing = rank(one, now) - rank(other, now);
  return standing > 0 || (standing === 0 && (one.view?.at ?? 0) > (other.view?.at ?? 0));
}

/** 3 votes · 2 speaks · 1 quarantined · 0 silent */
function rank({ view, silent, quarantined }: RunnerView, now: number): number {
  if (silent) return 0;
  if (quarantined) return 1;
  return view !== null && hasVote(view, now) ? 3 : 2;
}
