// The history of a check for a chart: any range, at a step that suits it, from as few rows as the step allows.

import type { Line } from '#core/history/figures.ts';
import { NO_FIGURES } from '#core/history/figures.ts';
import { lineOf } from '#core/history/foldHour.ts';
import type { MetricLine, Series, SeriesPoint } from '#core/history/series.ts';
import { stepFor } from '#core/history/steps.ts';
import {
  bandsOfPoints,
  covered,
  linesOf,
  pointOf,
  type TrackLines,
  trackOf,
} from '#core/history/track.ts';
import { type Stretch, stretchesOf } from '#core/maintenance.ts';
import { DAY_MS, dayOf, HOUR_MS, hourOf, WEEK_HOURS, weekKey, weekOf } from '#db/history.ts';
import type { Platform } from '#worker/platform.ts';
import { type HistoryPlace, placeOf } from './place.ts';
import { type ReadHours, readHours } from './readHours.ts';
import { oldestHour } from './rings.ts';
import { combineLines, linesIn } from './rollDay.ts';

export interface SeriesRange {
  fromAt: number;
  toAt: number;
  /** 0 = every reading is a point. */
  stepMs: number | 'auto';
}

/** Metrics are drawn as far as a chart of readings goes. */
const METRICS_MS = 8 * DAY_MS;

/** Null = there is no such check. */
export async function readSeries(
  platform: Platform,
  checkId: number,
  range: SeriesRange,
): Promise<Series | null> {
  const place = await placeOf(platform, checkId, range.fromAt);
  if (place === null) return null;
  const fromAt = Math.max(range.fromAt, Math.floor(place.createdAt / HOUR_MS) * HOUR_MS);
  const toAt = Math.max(fromAt, Math.min(range.toAt, place.now));
  const stepMs = range.stepMs === 'auto' ? stepFor(range.toAt - range.fromAt) : range.stepMs;
  const nameOf = (id: number) =>
    place.fleet.locations.find((each) => each.id === id)?.name ?? `location ${id}`;
  const fine = stepMs < HOUR_MS;
  const read = fine
    ? await readFine(
        platform,
        place,
        Math.min(toAt, Math.max(fromAt, place.createdAt)),
        toAt,
        stepMs,
      )
    : await readCoarse(platform, place, fromAt, toAt, stepMs);
  return {
    checkId,
    fromAt: range.fromAt,
    toAt: read.toAt,
    stepMs,
    merged: read.lines.merged,
    locations: read.lines.locations.map((each) => ({ ...each, name: nameOf(each.locationId) })),
    ...(read.metrics.length > 0 && { metrics: read.metrics }),
    ...(read.corrupt.length > 0 && { corrupt: read.corrupt }),
  };
}

interface Read {
  lines: TrackLines;
  toAt: number;
  metrics: MetricLine[];
  corrupt: number[];
}

async function readFine(
  platform: Platform,
  place: HistoryPlace,
  fromAt: number,
  toAt: number,
  stepMs: number,
): Promise<Read> {
  const metrics = toAt - fromAt <= METRICS_MS;
  const read = await readHours(platform, place, {
    fromHour: hourOf(fromAt),
    toAt,
    open: true,
    metrics,
  });
  return {
    lines: linesOf(
      trackOf(read.hours, read.outcomes, fromAt, toAt, leftOutOf(place, fromAt, toAt)),
      stepMs,
    ),
    toAt,
    metrics: metricLines(read, fromAt, toAt, stepMs),
    corrupt: read.corrupt,
  };
}

/** Figures of weeks or days, and of the hours that are folded but not summed up yet; the open hour is not in it. */
async function readCoarse(
  platform: Platform,
  place: HistoryPlace,
  fromAt: number,
  wantedToAt: number,
  stepMs: number,
): Promise<Read> {
  const summedAt = place.day * DAY_MS;
  const toAt = Math.max(fromAt, Math.min(wantedToAt, place.hour * HOUR_MS));
  const figures =
    fromAt < summedAt
      ? stepMs >= DAY_MS && hourOf(fromAt) < oldestHour(place.keeping.weeks, place.now)
        ? await readDayLines(platform, place, fromAt, Math.min(toAt, summedAt))
        : await readWeekLines(platform, place, fromAt, Math.min(toAt, summedAt))
      : [];
  const fromHour = hourOf(Math.max(fromAt, summedAt));
  const none = { hours: [], corrupt: [] };
  const read =
    toAt > summedAt
      ? await readHours(platform, place, {
          fromHour,
          toAt,
          open: false,
          metrics: false,
          before: false,
        })
      : none;
  for (const { hourAt, endAt, chunk } of read.hours) {
    const outcomes = (read as ReadHours).outcomes;
    const leftOut = leftOutOf(place, hourAt, endAt);
    figures.push([hourAt, lineOf(chunk, outcomes, false, hourAt, endAt, leftOut)]);
  }
  return {
    lines: stepped(figures, fromAt, toAt, stepMs, leftOutOf(place, fromAt, toAt)),
    toAt,
    metrics: [],
    corrupt: read.corrupt,
  };
}

/** When its host was worked on. */
export function leftOutOf(
  { maintenances, hostId }: Pick<HistoryPlace, 'maintenances' | 'hostId'>,
  fromAt: number,
  toAt: number,
): Stretch[] {
  return stretchesOf(maintenances, hostId, fromAt, toAt);
}

type TimedLine = [at: number, line: Line];

async function readWeekLines(
  platform: Platform,
  place: HistoryPlace,
  fromAt: number,
  toAt: number,
): Promise<TimedLine[]> {
  const { weeks } = place.keeping;
  const first = weekOf(Math.max(hourOf(fromAt), oldestHour(weeks, place.now)));
  const last = weekOf(hourOf(toAt - 1));
  const turns: Array<[from: number, to: number]> = [];
  for (let week = first; week <= last; week++) {
    const key = weekKey(weeks, place.checkId, week);
    const turn = turns.at(-1);
    if (turn && turn[1] === key - 1) turn[1] = key;
    else turns.push([key, key]);
  }
  if (turns.length === 0) return [];
  const { rows } = await platform.db.$client.execute({
    sql: turns
      .map(() => 'select week, body from hours where k between ? and ? and week between ? and ?')
      .join(' union all '),
    args: turns.flatMap((keys) => [...keys, first, last]),
  });
  return rows.flatMap((row) => {
    const weekAt = Number(row.week) * WEEK_HOURS * HOUR_MS;
    return linesIn(new Uint8Array(row.body as ArrayBuffer))
      .map(([hour, line]): TimedLine => [weekAt + hour * HOUR_MS, line])
      .filter(([at]) => at + HOUR_MS > fromAt && at < toAt);
  });
}

/** Lines of days that are summed up: one row. */
export async function readDayLines(
  platform: Platform,
  { checkId, keeping, now }: Pick<HistoryPlace, 'checkId' | 'keeping' | 'now'>,
  fromAt: number,
  toAt: number,
): Promise<TimedLine[]> {
  const { rows } = await platform.db.$client.execute({
    sql: 'select body from days where check_id = ?',
    args: [checkId],
  });
  if (!rows[0]) return [];
  return linesIn(new Uint8Array(rows[0].body as ArrayBuffer))
    .map(([day, line]): TimedLine => [day * DAY_MS, line])
    .filter(([at]) => at >= dayOf(fromAt) * DAY_MS && at < toAt)
    .filter(([at]) => at > now - keeping.days * DAY_MS);
}

function stepped(
  figures: readonly TimedLine[],
  fromAt: number,
  toAt: number,
  stepMs: number,
  leftOut: readonly Stretch[],
): TrackLines {
  const bySlot = new Map<number, Line[]>();
  const ids = new Set<number>();
  for (const [at, line] of figures) {
    const slot = Math.floor(at / stepMs) * stepMs;
    bySlot.set(slot, [...(bySlot.get(slot) ?? []), line]);
    for (const { locationId } of line.locations) ids.add(locationId);
  }
  const merged: SeriesPoint[] = [];
  const locations = new Map([...ids].sort((a, b) => a - b).map((id) => [id, [] as SeriesPoint[]]));
  for (let at = Math.floor(fromAt / stepMs) * stepMs; at < toAt; at += stepMs) {
    const line = combineLines(bySlot.get(at) ?? []);
    const length = Math.min(at + stepMs, toAt) - Math.max(at, fromAt);
    merged.push(whole(pointOf(at, stepMs, line.merged), length));
    for (const [id, points] of locations) {
      const own = line.locations.find(({ locationId }) => locationId === id);
      points.push(whole(pointOf(at, stepMs, own ?? NO_FIGURES), length));
    }
  }
  return {
    merged: { points: merged, bands: covered(bandsOfPoints(merged, toAt), leftOut) },
    locations: [...locations].map(([locationId, points]) => ({
      locationId,
      points,
      bands: covered(bandsOfPoints(points, toAt), leftOut),
    })),
  };
}

/** What nothing is kept of is unknown. */
function whole(point: SeriesPoint, lengthMs: number): SeriesPoint {
  const { upMs, degradedMs, downMs, unknownMs, maintenanceMs } = point;
  const told = upMs + degradedMs + downMs + unknownMs + maintenanceMs;
  return { ...point, unknownMs: unknownMs + Math.max(0, lengthMs - told) };
}

interface MetricSums {
  unit?: string;
  sums: Map<number, { sum: number; count: number }>;
}

/** Per metric the mean of each step. */
function metricLines(read: ReadHours, fromAt: number, toAt: number, stepMs: number): MetricLine[] {
  const lines = new Map<string, MetricSums>();
  for (const { hourAt, columns } of read.metrics) {
    for (const { name, unit, at, value } of columns) {
      const line: MetricSums = lines.get(name) ?? { sums: new Map() };
      if (unit !== undefined) line.unit = unit;
      lines.set(name, line);
      for (const [index, second] of at.entries()) {
        const time = hourAt + second * 1000;
        if (time < fromAt || time >= toAt) continue;
        const slot = stepMs === 0 ? time : Math.floor(time / stepMs) * stepMs;
        const held = line.sums.get(slot) ?? { sum: 0, count: 0 };
        line.sums.set(slot, { sum: held.sum + (value[index] ?? 0), count: held.count + 1 });
      }
    }
  }
  return [...lines].map(([name, { unit, sums }]) => ({
    name,
    ...(unit !== undefined && { unit }),
    points: [...sums]
      .sort((a, b) => a[0] - b[0])
      .map(([at, { sum, count }]) => ({ at, value: sum / count })),
  }));
}
