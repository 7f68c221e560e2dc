// A view: what one runner, standing in one location, currently says of one check. `fold` is run by the worker
// (where it counts) and by the runner (only to choose when to re-probe and when to post early).
import { type Level, rankOf, statusOf } from './level.ts';
import type { Reading } from './reading.ts';

/** How many readings in a row change a view's status. */
export interface FoldRules {
  /** Worse than the view, in a row. */
  failures: number;
  /** Better than the view, in a row. */
  successes: number;
}

/** How long a reading speaks for: stamped into the view when it was measured, so that an edit expires nothing. */
export interface Freshness {
  intervalMs: number;
  timeoutMs: number;
  flushMs: number;
}

/** Readings in a row that contradict the view, not yet enough to change it. */
export interface Run {
  direction: 'worse' | 'better';
  count: number;
  /** Of a worse run the mildest status and its newest level; of a better run the worst. */
  level: Level;
  startedAt: number;
  /** Of the reading that gave the level. */
  code: string;
  text: string;
}

/** Why a runner could not measure. */
export interface Unable {
  code: string;
  text: string;
}

export interface View {
  /** The check's revision these readings belong to. */
  rev: number;
  /** The confirmed level; null = not confirmed: no vote. */
  level: Level | null;
  /** When the view took its present status (start of the run that confirmed it); null while unconfirmed. */
  sinceAt: number | null;
  /** Newest measured, not blind reading; 0 = none yet. */
  at: number;
  /** The view speaks until `at + freshForMs`. */
  freshForMs: number;
  /** RTT of the newest good (up or degraded) reading. */
  rttUs: number | null;
  rttAt: number;
  /** Start of the newest run of bad (down) readings, which only a good one ends, not a gap; null when the newest is good. */
  badSinceAt: number | null;
  /** The newest reading while the view was confirmed good; null = never, or it was confirmed bad since. */
  lastGoodAt: number | null;
  /** It was confirmed good at some time under this rev. */
  seenGood: boolean;
  run: Run | null;
  /** The newest readings were blind: no vote until the runner sees again. */
  blind: boolean;
  /** Of the newest reading that was not blind, when the runner could not measure; null when it could. No vote hangs on it. */
  unable: Unable | null;
  /** Code and text of the newest reading that agrees with the level, or of the newest one while unconfirmed. */
  code: string;
  text: string;
}

export function newView(rev: number): View {
  return {
    rev,
    level: null,
    sinceAt: null,
    at: 0,
    freshForMs: 0,
    rttUs: null,
    rttAt: 0,
    badSinceAt: null,
    lastGoodAt: null,
    seenGood: false,
    run: null,
    blind: false,
    unable: null,
    code: 'ok',
    text: '',
  };
}

/** `at + 2 × interval + timeout + 3 × flush`, as the settings were when it was measured. */
export function freshForMs({ intervalMs, timeoutMs, flushMs }: Freshness): number {
  return 2 * intervalMs + timeoutMs + 3 * flushMs;
}

export function isFresh(view: View, now: number): boolean {
  return view.at > 0 && now <= view.at + view.freshForMs;
}

/** Confirmed, fresh and not blind: only then a view is counted. */
export function hasVote(view: View, now: number): boolean {
  return view.level !== null && !view.blind && isFresh(view, now);
}

/**
 * One reading onto a view. Pure: the view given is not changed.
 * - not newer than the view: nothing (history only)
 * - blind: the vote rests until the runner sees again
 * - unable: only why is kept; the view runs out by itself
 * - asked for, because another location saw the check turn: enough alone
 * - after a gap longer than the view was fresh for, it starts unconfirmed again (but a bad run goes on: nobody saw it end)
 * - after blindness likewise, unless the first that is seen is as it was before
 */
export function fold(before: View, reading: Reading, rules: FoldRules, freshness: Freshness): View {
  if (reading.at <= before.at) return before;
  if (reading.blind) return before.blind ? before : { ...before, blind: true };
  if (reading.level === null) return couldNot(before, reading);

  const stale = before.at > 0 && reading.at > before.at + before.freshForMs;
  const turned = before.blind && before.level !== null && !isSame(before.level, reading.level);
  const base: View =
    stale || turned ? { ...before, level: null, sinceAt: null, run: null } : before;
  const bad = statusOf(reading.level) === 'down';
  const view: View = {
    ...base,
    at: reading.at,
    freshForMs: freshForMs(freshness),
    blind: false,
    unable: null,
    badSinceAt: bad ? (base.badSinceAt ?? reading.at) : null,
    rttUs: !bad && reading.rttUs !== null ? reading.rttUs : base.rttUs,
    rttAt: !bad && reading.rttUs !== null ? reading.at : base.rttAt,
  };
  return settle(view, reading as Reading & { level: Level }, rules);
}

function couldNot(before: View, { code, text }: Reading): View {
  const known = before.unable;
  return known?.code === code && known.text === text
    ? before
    : { ...before, unable: { code, text } };
}

function isSame(a: Level, b: Level): boolean {
  return statusOf(a) === statusOf(b);
}

/** Applies hysteresis: the status changes after enough readings in a row, inside a status the level follows. */
function settle(view: View, reading: Reading & { level: Level }, rules: FoldRules): View {
  const rank = rankOf(statusOf(reading.level));
  // An unconfirmed view stands below `up` and above everything else: good readings confirm it as better, others as worse.
  const held = view.level === null ? null : rankOf(statusOf(view.level));
  if (held === rank) {
    return agreed(view, { ...reading, startedAt: view.sinceAt ?? reading.at }, reading.at);
  }

  const direction =
    held === null ? (rank === 0 ? 'better' : 'worse') : rank > held ? 'worse' : 'better';
  const run = extend(view.run, direction, reading);
  const needed = direction === 'worse' ? rules.failures : rules.successes;
  if (reading.asked || run.count >= needed) return agreed(view, run, reading.at);
  if (held === null) return { ...view, run, code: reading.code, text: reading.text };
  // A good view that a merely degraded reading contradicts has still been reached.
  return { ...view, run, lastGoodAt: held < 2 && rank < 2 ? reading.at : view.lastGoodAt };
}

function extend(
  run: Run | null,
  direction: Run['direction'],
  reading: Reading & { level: Level },
): Run {
  const { level, code, text } = reading;
  if (run === null || run.direction !== direction) {
    return { direction, count: 1, level, startedAt: reading.at, code, text };
  }
  const kept = rankOf(statusOf(run.level));
  const came = rankOf(statusOf(level));
  const takes = direction === 'worse' ? came <= kept : came >= kept;
  return { ...run, count: run.count + 1, ...(takes && { level, code, text }) };
}

/** The view takes a status, with what the deciding reading said. */
function agreed(
  view: View,
  { level, startedAt, code, text }: Pick<Run, 'level' | 'startedAt' | 'code' | 'text'>,
  at: number,
): View {
  const good = statusOf(level) !== 'down';
  return {
    ...view,
    level,
    sinceAt: startedAt,
    run: null,
    lastGoodAt: good ? at : null,
    seenGood: good || view.seenGood,
    code,
    text,
  };
}

/** Readings in time order onto the view of a check at revision `rev`; a view of an older revision starts anew. */
export function foldAll(
  before: View | null,
  rev: number,
  readings: readonly Reading[],
  rules: FoldRules,
  freshness: Freshness,
): View {
  let view = before !== null && before.rev === rev ? before : newView(rev);
  for (const reading of readings) view = fold(view, reading, rules, freshness);
  return view;
}

/**
 * True when the two views could be counted differently in a merge: the store then has to be judged. By the clock and,
 * since a worker that was deaf judges by one that stands still, also by what they say whatever their age.
 */
export function voteChanged(before: View | null, after: View, now: number): boolean {
  const speaks = (view: View | null) =>
    view !== null && view.level !== null && !view.blind ? view : null;
  const counts = (view: View | null) => (view !== null && hasVote(view, now) ? view : null);
  return differ(counts(before), counts(after)) || differ(speaks(before), speaks(after));
}

function differ(before: View | null, after: View | null): boolean {
  if (before === null || after === null) return before !== after;
  if (before.level !== after.level) return true;
  // While it says down, a bad run that began anew can take the word from a missing witness (merge).
  const down = after.level !== null && statusOf(after.level) === 'down';
  return down && before.badSinceAt !== after.badSinceAt;
}

/** Did the check turn, seen from here: bad after good, or good after bad? Then other locations look at once. */
export function turned(before: View | null, after: View): boolean {
  const wasBad = before !== null && before.badSinceAt !== null;
  return after.at > (before?.at ?? 0) && wasBad !== (after.badSinceAt !== null);
}

/** Does this reading contradict what the view says? Then the runner re-probes soon and posts early. */
export function contradicts(view: View, reading: Reading): boolean {
  if (reading.level === null || reading.blind) return false;
  return view.level === null || statusOf(view.level) !== statusOf(reading.level);
}
