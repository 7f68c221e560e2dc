// Hours put together again: one check over a stretch of time, ready to be cut into steps.
import type { Stretch } from '../maintenance.ts';
import type { Outcomes } from '../store/outcome.ts';
import { type Chunk, HOUR_MS, pointMs } from './chunk.ts';
import { type Figures, rttFigures, uptimeOf } from './figures.ts';
import { lineOf } from './foldHour.ts';
import type { Run } from './mergeMarks.ts';
import { noReadings, outcomeOf, type Readings, rttOf } from './readings.ts';
import type { SeriesBand, SeriesLine, SeriesPoint } from './series.ts';

export interface Track {
  chunk: Chunk;
  outcomes: Outcomes;
  fromAt: number;
  toAt: number;
  /** Planned work. */
  leftOut: readonly Stretch[];
}

/** Chunks by hour, ascending, into one; hours that are missing are unknown. */
export function trackOf(
  hours: ReadonlyArray<{ hourAt: number; endAt: number; chunk: Chunk }>,
  outcomes: Outcomes,
  fromAt: number,
  toAt: number,
  leftOut: readonly Stretch[] = [],
): Track {
  const last = hours.at(-1);
  const judging = last?.chunk.judging ?? NO_JUDGING;
  const ids = new Set(hours.flatMap(({ chunk }) => chunk.locations.map((each) => each.locationId)));
  const merged: Run[] = [];
  const locations = new Map(
    [...ids]
      .sort((a, b) => a - b)
      .map((locationId) => {
        return [
          locationId,
          { locationId, assigned: true, runs: [] as Run[], readings: noReadings() },
        ] as const;
      }),
  );
  let reached = fromAt;
  for (const { hourAt, endAt, chunk } of hours) {
    if (hourAt > reached) gap(reached);
    append(merged, chunk.merged);
    for (const [locationId, line] of locations) {
      const own = chunk.locations.find((each) => each.locationId === locationId);
      append(line.runs, own?.runs ?? [{ fromAt: hourAt, status: 'unknown' }]);
      if (own) join(line.readings, own.readings);
    }
    reached = endAt;
  }
  if (reached < toAt) gap(reached);
  const chunk = { judging, merged, locations: [...locations.values()] };
  return { chunk, outcomes, fromAt, toAt, leftOut };

  function gap(at: number): void {
    const unknown: Run[] = [{ fromAt: at, status: 'unknown' }];
    append(merged, unknown);
    for (const { runs } of locations.values()) append(runs, unknown);
  }
}

const NO_JUDGING: Chunk['judging'] = {
  intervalMs: HOUR_MS,
  timeoutMs: 0,
  flushMs: 0,
  failures: 1,
  successes: 1,
  policy: { type: 'any' },
};

function append(runs: Run[], more: readonly Run[]): void {
  for (const run of more) if (runs.at(-1)?.status !== run.status) runs.push(run);
}

function join(readings: Readings, more: Readings): void {
  for (const at of more.at) readings.at.push(at);
  for (const said of more.said) readings.said.push(said);
}

export interface TrackLines {
  merged: SeriesLine;
  locations: Array<{ locationId: number } & SeriesLine>;
}

/** Cuts a track into steps; with step 0 every reading is a point. */
export function linesOf(track: Track, stepMs: number): TrackLines {
  const { chunk, outcomes, fromAt, toAt, leftOut } = track;
  const merged: SeriesPoint[] = [];
  const points = new Map<number, SeriesPoint[]>(
    chunk.locations.map((each) => [each.locationId, []]),
  );
  if (stepMs === 0) raw(track, merged, points);
  for (let at = Math.floor(fromAt / stepMs) * stepMs; stepMs > 0 && at < toAt; at += stepMs) {
    const [start, end] = [Math.max(at, fromAt), Math.min(at + stepMs, toAt)];
    const line = lineOf(chunk, outcomes, false, start, end, leftOut);
    merged.push(pointOf(at, stepMs, line.merged));
    for (const each of line.locations) {
      points.get(each.locationId)?.push(pointOf(at, stepMs, each));
    }
  }
  return {
    merged: { points: merged, bands: covered(bandsOf(chunk.merged, fromAt, toAt), leftOut) },
    locations: chunk.locations.map(({ locationId, runs }) => ({
      locationId,
      points: points.get(locationId) ?? [],
      bands: covered(bandsOf(runs, fromAt, toAt), leftOut),
    })),
  };
}

export function pointOf(at: number, stepMs: number, figures: Figures): SeriesPoint {
  const { upMs, degradedMs, downMs, unknownMs, maintenanceMs, count, lost, rtt } = figures;
  return { at, stepMs, count, lost, rtt, upMs, degradedMs, downMs, unknownMs, maintenanceMs };
}

function raw(
  { chunk, outcomes, fromAt, toAt }: Track,
  merged: SeriesPoint[],
  points: ReadonlyMap<number, SeriesPoint[]>,
): void {
  const slots = new Map<number, SeriesPoint>();
  for (const { locationId, readings } of chunk.locations) {
    for (const [index, at] of readings.at.entries()) {
      if (at < fromAt || at >= toAt) continue;
      const said = readings.said[index] as number;
      const { level, blind, old } = outcomes.get(outcomeOf(said));
      const bad = level !== null && level >= 300;
      const good = level !== null && !bad && !blind && !old && rttOf(said) !== 0;
      const figures = { ...NOTHING, count: 1, rtt: good ? rttFigures([rttOf(said)]) : null };
      const point: SeriesPoint = { at, ...figures };
      points.get(locationId)?.push(point);
      const slot = Math.floor(at / pointMs(chunk.judging));
      const held = slots.get(slot);
      if (!held) slots.set(slot, { ...point });
      else {
        held.count++;
        if (point.rtt && (held.rtt === null || point.rtt.minUs < held.rtt.minUs)) {
          Object.assign(held, { at: point.at, rtt: point.rtt });
        }
      }
    }
  }
  merged.push(...[...slots.values()].sort((a, b) => a.at - b.at));
}

const NOTHING = {
  stepMs: 0,
  lost: 0,
  upMs: 0,
  degradedMs: 0,
  downMs: 0,
  unknownMs: 0,
  maintenanceMs: 0,
};

/** Runs within [fromAt, toAt) with their ends. */
export function bandsOf(runs: readonly Run[], fromAt: number, toAt: number): SeriesBand[] {
  const bands: SeriesBand[] = [];
  for (const [index, { fromAt: at, status }] of runs.entries()) {
    const from = Math.max(at, fromAt);
    const to = Math.min(runs[index + 1]?.fromAt ?? toAt, toAt);
    if (to > from) bands.push({ fromAt: from, toAt: to, status });
  }
  return bands;
}

/** Planned work over whatever was so. */
export function covered(bands: readonly SeriesBand[], stretches: readonly Stretch[]): SeriesBand[] {
  if (stretches.length === 0) return [...bands];
  const left = bands.flatMap(({ fromAt, toAt, status }) => {
    const parts: SeriesBand[] = [];
    let at = fromAt;
    for (const each of stretches) {
      if (each.toAt <= at || each.fromAt >= toAt) continue;
      if (each.fromAt > at) parts.push({ fromAt: at, toAt: each.fromAt, status });
      at = each.toAt;
    }
    return at < toAt ? [...parts, { fromAt: at, toAt, status }] : parts;
  });
  const planned = stretches.map((each): SeriesBand => ({ ...each, status: 'maintenance' }));
  return [...left, ...planned].sort((a, b) => a.fromAt - b.fromAt);
}

/** Bands as far as figures tell them: a stretch that was bad at any time is drawn so. */
export function bandsOfPoints(points: readonly SeriesPoint[], toAt: number): SeriesBand[] {
  const bands: SeriesBand[] = [];
  for (const point of points) {
    const status = worstOf(point);
    const last = bands.at(-1);
    const end = Math.min(point.at + point.stepMs, toAt);
    if (last?.status === status && last.toAt === point.at) last.toAt = end;
    else bands.push({ fromAt: point.at, toAt: end, status });
  }
  return bands;
}

/** The worst status that was known in a stretch; unknown when none was, or hardly any; maintenance when that was all of it. */
export function worstOf(
  times: Pick<Figures, 'upMs' | 'degradedMs' | 'downMs' | 'unknownMs' | 'maintenanceMs'>,
): SeriesBand['status'] {
  if (uptimeOf(times) === null)
    return times.maintenanceMs > times.unknownMs ? 'maintenance' : 'unknown';
  if (times.downMs > 0) return 'down';
  if (times.degradedMs > 0) return 'degraded';
  return times.unknownMs > times.upMs ? 'unknown' : 'up';
}
