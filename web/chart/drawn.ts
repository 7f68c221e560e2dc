// What is drawn of a line: no more points than there is room for, in stretches that a gap ends.
import type { MetricLine, SeriesLine } from '#core/history/series.ts';

export interface DrawnPoint {
  at: number;
  value: number;
  low: number;
  high: number;
}

/** Points that a line joins. */
export type Stretch = readonly DrawnPoint[];

/** The RTT of a line of history in at most about `room` points. */
export function rttStretches({ points }: SeriesLine, stepMs: number, room: number): Stretch[] {
  const drawn = points.flatMap(({ at, rtt, count, ...own }) => {
    const centre = at + own.stepMs / 2;
    if (rtt === null) return [];
    return [{ at: centre, value: rtt.avgUs, low: rtt.minUs, high: rtt.p95Us, weight: count || 1 }];
  });
  const silent = points.filter(({ rtt }) => rtt === null).map(({ at, stepMs }) => at + stepMs / 2);
  return stretches(drawn, silent, stepMs, room);
}

export function metricStretches({ points }: MetricLine, stepMs: number, room: number): Stretch[] {
  const drawn = points.map(({ at, value }) => ({ at, value, low: value, high: value, weight: 1 }));
  return stretches(drawn, [], stepMs, room);
}

type Weighed = DrawnPoint & { weight: number };

function stretches(
  points: readonly Weighed[],
  silent: readonly number[],
  stepMs: number,
  room: number,
): Stretch[] {
  const apart = Math.max(stepMs, usualDistance(points));
  const runs = split(points, silent, apart * 1.5);
  const together = Math.ceil(points.length / Math.max(1, room));
  return together <= 1 ? runs : runs.map((run) => gather(run, apart * together));
}

/** How far apart neighbours mostly are. */
export function usualDistance(points: ReadonlyArray<{ at: number }>): number {
  const distances = points.slice(1).map(({ at }, i) => at - (points[i]?.at ?? at));
  return distances.sort((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
}

/** A gap is a step without a good reading, or one that is missing altogether. */
function split(
  points: readonly Weighed[],
  silent: readonly number[],
  farthest: number,
): Weighed[][] {
  const runs: Weighed[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  let next = 0;
  for (const point of points) {
    while ((silent[next] ?? Number.POSITIVE_INFINITY) <= last) next++;
    const between = (silent[next] ?? Number.POSITIVE_INFINITY) < point.at;
    if (between || point.at - last > farthest) runs.push([]);
    runs.at(-1)?.push(point);
    last = point.at;
  }
  return runs;
}

/** Neighbours within the same `widthMs` become one point: their average, lowest and highest. */
function gather(run: readonly Weighed[], widthMs: number): DrawnPoint[] {
  const groups = Map.groupBy(run, ({ at }) => Math.floor(at / widthMs));
  return [...groups.values()].map((group) => {
    const weight = group.reduce((sum, each) => sum + each.weight, 0);
    const mean = (of: (each: Weighed) => number) =>
      group.reduce((sum, each) => sum + of(each) * each.weight, 0) / weight;
    return {
      at: mean(({ at }) => at),
      value: mean(({ value }) => value),
      low: Math.min(...group.map(({ low }) => low)),
      high: Math.max(...group.map(({ high }) => high)),
    };
  });
}
