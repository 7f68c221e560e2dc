// What one location said over a stretch of time: the very fold that judged it live, run over its readings, and the
// moments at which its word changed. A change counts from the first reading of the run that brought it, as in a flip.
import { OK, type Status, statusOf } from '../level.ts';
import type { Reading } from '../reading.ts';
import type { Outcomes } from '../store/outcome.ts';
import { type FoldRules, type Freshness, fold, freshForMs, newView, type View } from '../view.ts';
import { outcomeOf, type Readings } from './readings.ts';

/** From here on the location says this. `unknown` = it has no vote. */
export interface Mark {
  fromAt: number;
  status: Status;
  /** What merging needs of a location that is missing, or that contradicts one that is. */
  lastGoodAt: number | null;
  badSinceAt: number | null;
  seenGood: boolean;
}

export interface Limits extends FoldRules, Freshness {}

export interface Followed {
  /** At least one; the first stands at `fromAt`. */
  marks: Mark[];
  /** Where the fold stands at `toAt`. */
  end: View;
  /**
   * A run that was open at `toAt` and that later readings confirmed: since when, as what. It already shows in the
   * marks. Null = none was open, or it came to nothing, or nobody knows yet.
   */
  confirmed: Confirmed | null;
}

export interface Confirmed {
  sinceAt: number;
  status: Status;
  badSinceAt: number | null;
}

export interface FollowInput {
  /** Where the fold stood at `fromAt`; null = nothing is known. */
  before: View | null;
  /** Within [fromAt, toAt). */
  readings: Readings;
  /** From `toAt` on, as far as known: they settle what was open then. */
  ahead: Readings;
  outcomes: Outcomes;
  limits: Limits;
  fromAt: number;
  toAt: number;
}

export function follow(input: FollowInput): Followed {
  const { readings, outcomes, limits, fromAt, toAt } = input;
  const freshFor = freshForMs(limits);
  let view = input.before ?? newView(0);
  const marks = [markAt(view, fromAt)];
  const { at, said } = readings;
  for (let i = 0; i < at.length; i++) {
    const time = at[i] as number;
    const outcome = outcomeOf(said[i] as number);
    if (outcome === 0 && goesOn(view, time)) {
      view = agreeing(view, time, freshFor);
      // Nearly always the next one agrees too; the view is ours now, so it is moved on in place.
      while (i + 1 < at.length && outcomeOf(said[i + 1] as number) === 0) {
        const next = at[i + 1] as number;
        if (next > view.at + freshFor) break;
        view.at = next;
        view.lastGoodAt = next;
        i++;
      }
      continue;
    }
    expire(marks, view, time);
    const after = fold(view, readingAt(time, outcome, outcomes), limits, limits);
    change(marks, view, after, time);
    view = after;
  }
  expire(marks, view, toAt);
  const confirmed = confirms(view, input.ahead, outcomes, limits);
  if (confirmed !== null) backDate(marks, view, confirmed);
  return { marks, end: view, confirmed };
}

/** A plain reading onto a view that is plainly up: only its time moves. */
function goesOn(view: View, time: number): boolean {
  return (
    view.level === OK &&
    view.run === null &&
    !view.blind &&
    time > view.at &&
    time <= view.at + view.freshForMs
  );
}

function agreeing(view: View, at: number, freshFor: number): View {
  const good = { badSinceAt: null, lastGoodAt: at, seenGood: true, unable: null };
  return { ...view, at, freshForMs: freshFor, ...good };
}

function readingAt(at: number, outcome: number, outcomes: Outcomes): Reading {
  const { level, code, blind, old, asked } = outcomes.get(outcome);
  // A reading of another revision has no vote: to the fold it is as if nothing had been measured.
  const counted = { level: old ? null : level, blind: blind && !old, asked };
  return { at, rttUs: null, code, text: '', ...counted };
}

function statusAt(view: View, time: number): Status {
  const votes = view.level !== null && !view.blind && time <= view.at + view.freshForMs;
  return votes ? statusOf(view.level) : 'unknown';
}

function markAt(view: View, fromAt: number): Mark {
  return mark(view, fromAt, statusAt(view, fromAt));
}

function mark(view: View, fromAt: number, status: Status): Mark {
  const { lastGoodAt, badSinceAt, seenGood } = view;
  return { fromAt, status, lastGoodAt, badSinceAt, seenGood };
}

/** Where the word ran out before `time`. */
function expire(marks: Mark[], view: View, time: number): void {
  const last = marks.at(-1) as Mark;
  const endAt = view.at + view.freshForMs;
  if (last.status === 'unknown' || time <= endAt) return;
  put(marks, mark(view, Math.max(endAt, last.fromAt), 'unknown'));
}

function change(marks: Mark[], before: View, after: View, time: number): void {
  const last = marks.at(-1) as Mark;
  const status = statusAt(after, time);
  if (status === last.status) {
    // It lost its word and has the same again, or says the same with another memory.
    if (status !== 'unknown' || after.badSinceAt === before.badSinceAt) return;
    put(marks, mark(after, time, status));
    return;
  }
  const { sinceAt } = after;
  const turned = statusOf(before.level) !== statusOf(after.level);
  const since = turned && sinceAt !== null ? startOf(marks, sinceAt, before) : null;
  put(marks, mark(after, since ?? time, status));
}

/** From when a run that is confirmed counts; null = the last word is younger than the run, so only from now on. */
function startOf(marks: readonly Mark[], startedAt: number, before: View): number | null {
  const { status } = marks.at(-1) as Mark;
  // Marks that only renew the memory do not begin a word.
  const first = marks.findLastIndex((mark) => mark.status !== status) + 1;
  const { fromAt } = marks[first] as Mark;
  if (startedAt >= fromAt) return startedAt;
  // Of the first word the true beginning is not known; only blindness takes a word away after a run began.
  return first === 0 && (before.level === null || !before.blind) ? fromAt : null;
}

function put(marks: Mark[], next: Mark): void {
  while (marks.length > 0 && (marks.at(-1) as Mark).fromAt >= next.fromAt) marks.pop();
  marks.push(next);
}

/** What the run that is open in a view came to, by the readings after it: null = it broke, or is open still. */
export function confirms(
  end: View,
  ahead: Readings,
  outcomes: Outcomes,
  limits: Limits,
): Confirmed | null {
  if (end.run === null) return null;
  const { startedAt } = end.run;
  let view = end;
  for (let i = 0; i < ahead.at.length; i++) {
    const time = ahead.at[i] as number;
    view = fold(
      view,
      readingAt(time, outcomeOf(ahead.said[i] as number), outcomes),
      limits,
      limits,
    );
    // Blindness took the word that the run was against: what comes after counts from then on.
    if (view.blind && end.level !== null) return null;
    if (view.run?.startedAt === startedAt) continue;
    const taken = view.run === null && view.sinceAt === startedAt && view.level !== null;
    return taken
      ? { sinceAt: startedAt, status: statusOf(view.level), badSinceAt: view.badSinceAt }
      : null;
  }
  return null;
}

function backDate(marks: Mark[], end: View, { sinceAt, status, badSinceAt }: Confirmed): void {
  const last = marks.at(-1) as Mark;
  const since = startOf(marks, sinceAt, end);
  if (since === null || status === last.status) return;
  const good = status !== 'down';
  put(marks, {
    fromAt: since,
    status,
    lastGoodAt: good ? end.at : null,
    badSinceAt,
    seenGood: end.seenGood || good,
  });
}
