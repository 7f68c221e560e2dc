// What the chart says of the instant under the cursor, as text.
import { humanRtt } from '#core/duration.ts';
import type { Series, SeriesLine, SeriesPoint } from '#core/history/series.ts';
import { usualDistance } from '../../chart/drawn.ts';
import { instantText } from '../../chart/ticks.ts';
import type { Zone } from '../../chart/zone.ts';

/** "21 Nov 2026, 03:10 · 27 ms (24 ms to 31 ms) · Office 40 ms · down". */
export function readingAt(
  series: Series,
  at: number,
  shown: ReadonlySet<string>,
  zone: Zone,
): string {
  const status = statusAt(series.merged, at);
  return [
    instantText(at, zone),
    ...rttAt(series.merged, at, ''),
    ...series.locations
      .filter(({ name }) => shown.has(name))
      .flatMap((line) => rttAt(line, at, `${line.name} `)),
    ...(status && status !== 'up' ? [status] : []),
  ].join(' · ');
}

/** The instant of the next point of the whole check after or before `at`; null at the end. */
export function neighbour({ merged: { points } }: Series, at: number, by: 1 | -1): number | null {
  const centres = points.map(centreOf);
  const found = by > 0 ? centres.find((each) => each > at) : centres.findLast((each) => each < at);
  return found ?? null;
}

function rttAt({ points }: SeriesLine, at: number, before: string): string[] {
  const point = nearest(points, at);
  const reach = Math.max(point?.stepMs ?? 0, usualDistance(points)) / 2;
  if (!point?.rtt || Math.abs(centreOf(point) - at) > reach) return [];
  return [`${before}${humanRtt(point.rtt.avgUs)}${rangeOf(point)}`];
}

function nearest(points: readonly SeriesPoint[], at: number): SeriesPoint | null {
  let best: SeriesPoint | null = null;
  for (const point of points) {
    if (!best || Math.abs(centreOf(point) - at) < Math.abs(centreOf(best) - at)) best = point;
  }
  return best;
}

function centreOf({ at, stepMs }: SeriesPoint): number {
  return at + stepMs / 2;
}

function rangeOf({ rtt, count }: SeriesPoint): string {
  if (rtt === null || count <= 1 || rtt.p95Us <= rtt.minUs) return '';
  return ` (${humanRtt(rtt.minUs)} to ${humanRtt(rtt.p95Us)})`;
}

function statusAt({ bands }: SeriesLine, at: number) {
  return bands.find(({ fromAt, toAt }) => fromAt <= at && at < toAt)?.status ?? null;
}
