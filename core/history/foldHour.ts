// One check in one hour: from the readings of its locations to what is kept of it.
import type { Stretch } from '../maintenance.ts';
import type { Outcomes } from '../store/outcome.ts';
import { type CarriedView, type Carry, NO_CARRY } from './carry.ts';
import { type Chunk, type ChunkLocation, HOUR_MS, type Judging, pointMs } from './chunk.ts';
import {
  type Figures,
  incidentsOf,
  type Line,
  NO_FIGURES,
  rttFigures,
  tally,
  timesOf,
} from './figures.ts';
import { follow, type Mark } from './follow.ts';
import { mergeMarks, type Run } from './mergeMarks.ts';
import { firstFrom, noReadings, outcomeOf, type Readings, rttOf, within } from './readings.ts';

export interface HourInput {
  hourAt: number;
  judging: Judging;
  /** Locations that are to probe it. */
  assigned: readonly number[];
  /** Where the hour before ended; null = it holds nothing. */
  before: Carry | null;
  /** By location; from the hour itself and from after it, as far as known. */
  readings: ReadonlyMap<number, Readings>;
  outcomes: Outcomes;
  /** The end of what is looked at: the end of the hour, or now while it is open. */
  endAt?: number;
}

export interface FoldedHour {
  chunk: Chunk;
  carry: Carry;
  /** True when nothing happened and nothing is known: there is no need to keep it. */
  empty: boolean;
}

export function foldHour(input: HourInput): FoldedHour {
  const { hourAt, judging, outcomes, endAt = hourAt + HOUR_MS } = input;
  const before = input.before ?? NO_CARRY;
  const ids = new Set([...input.assigned, ...remembered(before, hourAt)]);
  for (const [id, { at }] of input.readings) {
    if (firstFrom(at, endAt) > firstFrom(at, hourAt)) ids.add(id);
  }
  const locations: Array<ChunkLocation & { marks: Mark[] }> = [];
  const views = new Map<number, CarriedView>();
  for (const locationId of [...ids].sort((a, b) => a - b)) {
    const all = input.readings.get(locationId) ?? noReadings();
    const readings = within(all, hourAt, endAt);
    const { marks, end, confirmed } = follow({
      before: before.views.get(locationId)?.view ?? null,
      readings,
      ahead: within(all, endAt, Number.MAX_SAFE_INTEGER),
      outcomes,
      limits: judging,
      fromAt: hourAt,
      toAt: endAt,
    });
    const assigned = input.assigned.includes(locationId);
    locations.push({ locationId, assigned, readings, marks, runs: runsOf(marks) });
    if (end.at > 0) views.set(locationId, { view: end, confirmed });
  }
  const merged = mergeMarks(locations, judging.policy, hourAt);
  const carry: Carry = { views, openSince: openSince(merged, before.openSince) };
  const chunk: Chunk = {
    judging,
    merged,
    locations: locations.map(({ marks: _, ...each }) => each),
  };
  return {
    chunk,
    carry,
    empty:
      locations.every(({ readings, runs }) => readings.at.length === 0 && isUnknown(runs)) &&
      carry.openSince === null,
  };
}

/** Figures of a chunk, or of a part of its hour; planned work does not count. */
export function lineOf(
  { judging, merged, locations }: Chunk,
  outcomes: Outcomes,
  open: boolean,
  fromAt: number,
  toAt: number,
  leftOut: readonly Stretch[] = [],
): Line {
  const slots = slotsOf(fromAt, toAt, pointMs(judging));
  let [count, lost] = [0, 0];
  const lines = locations.map(({ locationId, readings: all, runs }) => {
    const readings = within(all, fromAt, toAt);
    const told = tally(readings, outcomes, runs);
    count += told.count;
    lost += told.lost;
    lowest(slots, readings, outcomes);
    return { locationId, ...figuresOf(told, runs, false, fromAt, toAt, leftOut) };
  });
  const rtts = slots.lowest.filter((code) => code > 0);
  return {
    merged: figuresOf({ count, lost, rtts }, merged, open, fromAt, toAt, leftOut),
    locations: lines,
  };
}

function figuresOf(
  { count, lost, rtts }: { count: number; lost: number; rtts: number[] | Uint16Array },
  runs: readonly Run[],
  open: boolean,
  fromAt: number,
  toAt: number,
  leftOut: readonly Stretch[],
): Figures {
  return {
    ...NO_FIGURES,
    ...timesOf(runs, fromAt, toAt, leftOut),
    count,
    lost,
    good: rtts.length,
    rtt: rttFigures(rtts),
    incidents: incidentsOf(runs, open, fromAt, toAt, leftOut),
  };
}

interface Slots {
  firstSlot: number;
  intervalMs: number;
  /** 0 = nothing yet. */
  lowest: Uint16Array;
}

/** No more than this many in one step. */
const MOST_SLOTS = 100_000;

function slotsOf(fromAt: number, toAt: number, everyMs: number): Slots {
  const intervalMs = Math.max(everyMs, Math.ceil((toAt - fromAt) / MOST_SLOTS));
  const firstSlot = Math.floor(fromAt / intervalMs);
  const count = Math.max(0, Math.floor((toAt - 1) / intervalMs) - firstSlot + 1);
  return { firstSlot, intervalMs, lowest: new Uint16Array(count) };
}

/** Slots only choose the points to draw: the lowest good round trip in each. */
function lowest(
  { firstSlot, intervalMs, lowest }: Slots,
  { at, said }: Readings,
  outcomes: Outcomes,
): void {
  for (let i = 0; i < at.length; i++) {
    const code = rttOf(said[i] as number);
    if (code === 0) continue;
    const outcome = outcomeOf(said[i] as number);
    if (outcome !== 0) {
      const { level, blind, old } = outcomes.get(outcome);
      if (level === null || level >= 300 || blind || old) continue;
    }
    const slot = Math.floor((at[i] as number) / intervalMs) - firstSlot;
    const held = lowest[slot] as number;
    if (held === 0 || code < held) lowest[slot] = code;
  }
}

/** A location that is not assigned any more is remembered while its last word counts. */
function remembered(carry: Carry, hourAt: number): number[] {
  return [...carry.views].flatMap(([id, { view }]) =>
    view.level !== null && view.at + view.freshForMs > hourAt ? [id] : [],
  );
}

function runsOf(marks: readonly Mark[]): Run[] {
  const runs: Run[] = [];
  for (const { fromAt, status } of marks) {
    if (runs.at(-1)?.status !== status) runs.push({ fromAt, status });
  }
  return runs;
}

function isUnknown(runs: readonly Run[]): boolean {
  return runs.length === 1 && runs[0]?.status === 'unknown';
}

/** The start of the time it has not been up that is still open at the end. */
export function openSince(merged: readonly Run[], before: number | null): number | null {
  let since = before;
  for (const { fromAt, status } of merged) {
    if (status === 'up') since = null;
    else if (status !== 'unknown') since ??= fromAt;
  }
  return since;
}
