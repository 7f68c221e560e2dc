// History as it looks in the field: a daily rhythm, noise, peaks, outages, a gap; the same for the same seed.
import type { DayBar, Series, SeriesBand, SeriesLine, SeriesPoint } from '#core/history/series.ts';
import type { Status } from '#core/level.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function numbers(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Shape {
  fromAt: number;
  toAt: number;
  stepMs: number;
  /** Typical RTT. */
  baseUs?: number;
  /** What was not up, and when. */
  runs?: SeriesBand[];
  seed?: number;
  locations?: string[];
  /** Readings a step. */
  perStep?: number;
  /** One reading in so many is a peak. */
  peakEvery?: number;
}

export function series(shape: Shape): Series {
  const { fromAt, toAt, stepMs, runs = [], seed = 1, locations = [] } = shape;
  const line = (n: number): SeriesLine => ({
    points: points({ ...shape, seed: seed + n, baseUs: (shape.baseUs ?? 24_000) * (1 + n * 0.6) }),
    bands: bands(fromAt, toAt, runs),
  });
  return {
    checkId: 7,
    fromAt,
    toAt,
    stepMs,
    merged: line(0),
    locations: locations.map((name, n) => ({ locationId: n + 1, name, ...line(n) })),
  };
}

function points(shape: Shape & { seed: number; baseUs: number }): SeriesPoint[] {
  const { fromAt, toAt, stepMs, runs = [], baseUs, perStep = 1, peakEvery = 300 } = shape;
  const next = numbers(shape.seed);
  const made: SeriesPoint[] = [];
  for (let at = fromAt; at < toAt; at += stepMs) {
    const share = (status: Status) =>
      runs
        .filter((run) => run.status === status)
        .reduce((ms, run) => ms + overlap(run, at, at + stepMs), 0);
    const [downMs, degradedMs, unknownMs] = [share('down'), share('degraded'), share('unknown')];
    const silent = downMs + unknownMs >= stepMs;
    const rhythm = 1 + 0.25 * Math.sin((at / DAY) * 2 * Math.PI - 1.4);
    const slow = degradedMs > 0 ? 4 : 1;
    const peak = next() < 1 / peakEvery ? 2 + 6 * next() : 1;
    const avg = baseUs * rhythm * slow * (0.92 + 0.16 * next()) * (perStep > 1 ? 1 : peak);
    const spread = perStep > 1 ? 0.1 + 0.25 * next() : 0;
    const rtt = {
      minUs: Math.round(avg * (1 - spread * 0.6)),
      avgUs: Math.round(avg),
      p50Us: Math.round(avg * (1 - spread * 0.1)),
      p95Us: Math.round(avg * (1 + spread * (perStep > 1 ? Math.min(peak, 3) : 1))),
      maxUs: Math.round(avg * (1 + spread * 2 * peak)),
    };
    made.push({
      at,
      stepMs,
      count: unknownMs >= stepMs ? 0 : perStep,
      lost: 0,
      rtt: silent ? null : rtt,
      upMs: stepMs - downMs - degradedMs - unknownMs,
      degradedMs,
      downMs,
      unknownMs,
      maintenanceMs: 0,
    });
  }
  return made;
}

function overlap(run: SeriesBand, from: number, to: number): number {
  return Math.max(0, Math.min(run.toAt, to) - Math.max(run.fromAt, from));
}

/** With the runs of `up` between those given. */
function bands(fromAt: number, toAt: number, runs: readonly SeriesBand[]): SeriesBand[] {
  const made: SeriesBand[] = [];
  let at = fromAt;
  for (const run of runs.toSorted((a, b) => a.fromAt - b.fromAt)) {
    if (run.fromAt > at) made.push({ fromAt: at, toAt: run.fromAt, status: 'up' });
    made.push(run);
    at = run.toAt;
  }
  if (at < toAt) made.push({ fromAt: at, toAt, status: 'up' });
  return made;
}

/** So many days up to and with the one of `lastAt`: some of them bad, the first `unseen` before the host was there. */
export function dayBars(lastAt: number, days: number, seed = 1, unseen = 0): DayBar[] {
  const next = numbers(seed);
  return Array.from({ length: days }, (_, i) => {
    const day = new Date(lastAt - (days - 1 - i) * DAY).toISOString().slice(0, 10);
    const chance = next();
    if (i < unseen) return bar(day, 'unknown', {});
    if (chance < 0.03) return bar(day, 'down', { downMs: Math.round(next() * 240) * MINUTE }, 1);
    if (chance < 0.05)
      return bar(day, 'degraded', { degradedMs: Math.round(next() * 9) * HOUR }, 1);
    if (chance < 0.06) return bar(day, 'unknown', { unknownMs: DAY });
    return bar(day, 'up', {});
  });
}

function bar(
  day: string,
  status: Status,
  ms: Partial<Record<'degradedMs' | 'downMs' | 'unknownMs', number>>,
  incidents = 0,
): DayBar {
  const { degradedMs = 0, downMs = 0, unknownMs = 0 } = ms;
  const known = status === 'unknown' ? 0 : DAY - unknownMs;
  return {
    day,
    status,
    uptime: known > 0 ? Math.floor(((known - downMs) / known) * 1e5) / 1000 : null,
    upMs: Math.max(0, known - downMs - degradedMs),
    degradedMs,
    downMs,
    unknownMs,
    maintenanceMs: 0,
    incidents,
  };
}
