// What a location says of a check when several runners stand in it.
import { statusOf } from './level.ts';
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
 * not. What its other runners saw is kept with it: a standby that takes over knows nothing of its own.
 */
export function locationView(
  locationId: number,
  runners: readonly RunnerView[],
  now: number,
): LocationView {
  let best: RunnerView | null = null;
  for (const each of runners) {
    if (each.view !== null && (best === null || precedes(each, best, now))) best = each;
  }
  if (best === null || best.view === null) {
    return { locationId, view: null, silent: runners.every(({ silent }) => silent) };
  }
  const { view } = best;
  return {
    locationId,
    view: withMemory(view, runners),
    silent: best.silent,
    quarantined: best.quarantined === true,
    ...(runners.some((each) => contests(each, view, now)) && { contested: true }),
  };
}

function contests(each: RunnerView, { level }: View, now: number): boolean {
  return each.view !== null && rank(each, now) === VOTES && each.view.level !== level;
}

/** When the location last saw it good, unless its own last confirmed word is bad. */
function withMemory(view: View, runners: readonly RunnerView[]): View {
  if (runners.length === 1) return view;
  const lastWordBad = view.level !== null && statusOf(view.level) === 'down';
  let { lastGoodAt, seenGood } = view;
  for (const { view: other } of runners) {
    if (other === null) continue;
    seenGood ||= other.seenGood;
    if (!lastWordBad && other.lastGoodAt !== null) {
      lastGoodAt = Math.max(lastGoodAt ?? 0, other.lastGoodAt);
    }
  }
  return { ...view, lastGoodAt, seenGood };
}

function precedes(one: RunnerView, other: RunnerView, now: number): boolean {
  const standing = rank(one, now) - rank(other, now);
  return standing > 0 || (standing === 0 && (one.view?.at ?? 0) > (other.view?.at ?? 0));
}

const VOTES = 3;

/** 3 votes · 2 speaks · 1 quarantined · 0 silent */
function rank({ view, silent, quarantined }: RunnerView, now: number): number {
  if (silent) return 0;
  if (quarantined) return 1;
  return view !== null && hasVote(view, now) ? VOTES : 2;
}
