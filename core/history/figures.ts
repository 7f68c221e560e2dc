// Figures of a stretch of time: how much of it stood how, how many results, what round trips.
import type { Status } from '../level.ts';
import { statusOf } from '../level.ts';
import type { Stretch } from '../maintenance.ts';
import { BitReader, BitWriter } from '../store/bits.ts';
import { fromLog16, toLog16 } from '../store/log16.ts';
import type { Outcomes } from '../store/outcome.ts';
import type { Run } from './mergeMarks.ts';
import { outcomeOf, type Readings, rttOf } from './readings.ts';
import type { RttFigures, StatusTimes } from './series.ts';

export interface Figures extends StatusTimes {
  /** Results taken. */
  count: number;
  /** Bad readings that were not called down. */
  lost: number;
  /** Good readings with an RTT: what `rtt` rests on. */
  good: number;
  rtt: RttFigures | null;
  /** How often it left "up" (or became known as not up). */
  incidents: number;
}

export const NO_FIGURES: Figures = {
  upMs: 0,
  degradedMs: 0,
  downMs: 0,
  unknownMs: 0,
  maintenanceMs: 0,
  count: 0,
  lost: 0,
  good: 0,
  rtt: null,
  incidents: 0,
};

const FIELD = {
  up: 'upMs',
  degraded: 'degradedMs',
  down: 'downMs',
  unknown: 'unknownMs',
} as const satisfies Record<Status, keyof StatusTimes>;

/** Time by status within [fromAt, toAt); before the first run nothing is known. `left out` must be apart and in order. */
export function timesOf(
  runs: readonly Run[],
  fromAt: number,
  toAt: number,
  leftOut: readonly Stretch[] = [],
): StatusTimes {
  const times = { upMs: 0, degradedMs: 0, downMs: 0, unknownMs: 0, maintenanceMs: 0 };
  const add = (status: Status, from: number, to: number) => {
    const [start, end] = [Math.max(from, fromAt), Math.min(to, toAt)];
    if (end <= start) return;
    const planned = leftOut.reduce((sum, each) => sum + overlap(each, start, end), 0);
    times.maintenanceMs += planned;
    times[FIELD[status]] += end - start - planned;
  };
  add('unknown', fromAt, runs[0]?.fromAt ?? toAt);
  for (const [index, run] of runs.entries()) {
    add(run.status, run.fromAt, runs[index + 1]?.fromAt ?? toAt);
  }
  return times;
}

function overlap({ fromAt, toAt }: Stretch, start: number, end: number): number {
  return Math.max(0, Math.min(toAt, end) - Math.max(fromAt, start));
}

/** How often the runs leave "up" within [fromAt, toAt); unknown in between does not end it, and what is left out counts as that. */
export function incidentsOf(
  runs: readonly Run[],
  open: boolean,
  fromAt: number,
  toAt: number,
  leftOut: readonly Stretch[] = [],
): number {
  let standing = open;
  let count = 0;
  for (const { fromAt: at, status } of leftOut.length > 0 ? without(runs, leftOut) : runs) {
    if (status === 'unknown') continue;
    const bad = status !== 'up';
    if (bad && !standing && at >= fromAt && at < toAt) count++;
    standing = bad;
  }
  return count;
}

/** Runs with what is left out as unknown. */
function without(runs: readonly Run[], leftOut: readonly Stretch[]): Run[] {
  const times = new Set(runs.map(({ fromAt }) => fromAt));
  for (const { fromAt, toAt } of leftOut) times.add(fromAt).add(toAt);
  return [...times]
    .sort((a, b) => a - b)
    .map((fromAt) => {
      const planned = leftOut.some((each) => each.fromAt <= fromAt && fromAt < each.toAt);
      const run = runs.findLast((each) => each.fromAt <= fromAt);
      return { fromAt, status: planned ? 'unknown' : (run?.status ?? 'unknown') };
    });
}

/** Results, lost ones and round trips of one location. */
export function tally(
  readings: Readings,
  outcomes: Outcomes,
  runs: readonly Run[],
): { count: number; lost: number; rtts: number[] } {
  const rtts: number[] = [];
  let lost = 0;
  let run = 0;
  for (let i = 0; i < readings.at.length; i++) {
    const said = readings.said[i] as number;
    const id = outcomeOf(said);
    if (id === 0) {
      if (rttOf(said) !== 0) rtts.push(rttOf(said));
      continue;
    }
    const { level, blind, old } = outcomes.get(id);
    if (level === null || blind || old) continue;
    if (statusOf(level) !== 'down') {
      if (rttOf(said) !== 0) rtts.push(rttOf(said));
      continue;
    }
    const at = readings.at[i] as number;
    while (run + 1 < runs.length && (runs[run + 1] as Run).fromAt <= at) run++;
    if (runs[run]?.status !== 'down') lost++;
  }
  return { count: readings.at.length, lost, rtts };
}

/** Of round trips in log16; null of none. */
export function rttFigures(codes: number[] | Uint16Array): RttFigures | null {
  const count = codes.length;
  if (count === 0) return null;
  const sorted = new Uint16Array(codes).sort();
  const us = (index: number) => fromLog16(sorted[index] as number) ?? 0;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += us(i);
  return {
    minUs: us(0),
    avgUs: Math.round(sum / count),
    p50Us: us(rank(count, 0.5)),
    p95Us: us(rank(count, 0.95)),
    maxUs: us(count - 1),
  };
}

function rank(count: number, share: number): number {
  return Math.max(0, Math.ceil(count * share) - 1);
}

/**
 * Figures of a longer stretch from those of its parts. Counts, times, least, greatest and mean are exact; the median
 * and p95 are those of the parts, weighted by their numbers.
 */
export function combine(parts: readonly Figures[]): Figures {
  const whole: Figures = { ...NO_FIGURES };
  const rtts: Array<{ good: number; rtt: RttFigures }> = [];
  for (const part of parts) {
    for (const key of SUMMED) whole[key] += part[key];
    if (part.rtt !== null) rtts.push({ good: part.good, rtt: part.rtt });
  }
  return { ...whole, rtt: combineRtt(rtts) };
}

const SUMMED = [
  'upMs',
  'degradedMs',
  'downMs',
  'unknownMs',
  'maintenanceMs',
  'count',
  'lost',
  'good',
  'incidents',
] as const;

function combineRtt(parts: ReadonlyArray<{ good: number; rtt: RttFigures }>): RttFigures | null {
  const [only] = parts;
  if (!only) return null;
  if (parts.length === 1) return only.rtt;
  const total = parts.reduce((sum, { good }) => sum + good, 0);
  const mean = (key: 'avgUs' | 'p50Us' | 'p95Us') =>
    Math.round(parts.reduce((sum, { good, rtt }) => sum + good * rtt[key], 0) / total);
  return {
    minUs: Math.min(...parts.map(({ rtt }) => rtt.minUs)),
    avgUs: mean('avgUs'),
    p50Us: mean('p50Us'),
    p95Us: mean('p95Us'),
    maxUs: Math.max(...parts.map(({ rtt }) => rtt.maxUs)),
  };
}

/** Percent of the known time in which it could be reached (degraded is reached), three digits, never rounded up; null = nothing is known. */
export function uptimeOf({ upMs, degradedMs, downMs }: StatusTimes): number | null {
  const known = upMs + degradedMs + downMs;
  if (known === 0) return null;
  return Math.floor(((upMs + degradedMs) / known) * 100_000) / 1000;
}

/** One check over one stretch: merged, and by location. */
export interface Line {
  merged: Figures;
  locations: Array<{ locationId: number } & Figures>;
}

/** Packs figures of a stretch of known length. */
export function writeLine(out: BitWriter, { merged, locations }: Line): void {
  writeFigures(out, merged);
  out.small(locations.length);
  for (const each of locations) {
    out.small(each.locationId);
    writeFigures(out, each);
  }
}

export function readLine(input: BitReader): Line {
  const merged = readFigures(input);
  const locations: Line['locations'] = [];
  for (let left = input.small(); left > 0; left--) {
    locations.push({ locationId: input.small(), ...readFigures(input) });
  }
  return { merged, locations };
}

/** A line alone in its bytes. */
export function encodeLine(line: Line): Uint8Array<ArrayBuffer> {
  const out = new BitWriter();
  writeLine(out, line);
  return out.done();
}

export function decodeLine(bytes: Uint8Array): Line {
  return readLine(new BitReader(bytes));
}

const TIMES = ['upMs', 'degradedMs', 'downMs', 'unknownMs', 'maintenanceMs'] as const;

function writeFigures(out: BitWriter, figures: Figures): void {
  for (const key of TIMES) writeFew(out, figures[key]);
  writeFew(out, figures.incidents);
  out.number(figures.count);
  if (figures.count === 0) return;
  writeFew(out, figures.lost);
  writeFew(out, figures.count - figures.good);
  if (figures.rtt === null) return;
  const min = toLog16(figures.rtt.minUs);
  out.bits(min, 16);
  for (const key of ['avgUs', 'p50Us', 'p95Us', 'maxUs'] as const) {
    out.number(toLog16(figures.rtt[key]) - min);
  }
}

function readFigures(input: BitReader): Figures {
  const figures: Figures = { ...NO_FIGURES };
  for (const key of TIMES) figures[key] = readFew(input);
  figures.incidents = readFew(input);
  figures.count = input.number();
  if (figures.count === 0) return figures;
  figures.lost = readFew(input);
  figures.good = figures.count - readFew(input);
  if (figures.good === 0) return figures;
  const min = input.bits(16);
  const us = (above: number) => fromLog16(min + above) ?? 0;
  const [minUs, avgUs, p50Us] = [us(0), us(input.number()), us(input.number())];
  figures.rtt = { minUs, avgUs, p50Us, p95Us: us(input.number()), maxUs: us(input.number()) };
  return figures;
}

/** Mostly nothing: one bit then. */
function writeFew(out: BitWriter, value: number): void {
  out.bit(value !== 0);
  if (value !== 0) out.number(value);
}

function readFew(input: BitReader): number {
  return input.bit() ? input.number() : 0;
}
