// A range of history in a few numbers, and how they are written.

import { humanDuration, humanRtt } from '#core/duration.ts';
import { uptimeOf } from '#core/history/figures.ts';
import type { SeriesBand, SeriesLine, SeriesPoint, StatusTimes } from '#core/history/series.ts';
import { sumOf } from './days.ts';

export interface Figures extends StatusTimes {
  /** Percent of the known time, to three digits; null = nothing is known. */
  uptime: number | null;
  /** Share of the known time. */
  down: number | null;
  /** Share of the known and the unknown time: before there was a check nothing was unknown. */
  unknown: number;
  /** Over the good readings. */
  averageUs: number | null;
  readings: number;
}

/** Known time is up, degraded and down; degraded still answers, so it counts as up. */
export function figuresOf({ points, bands }: SeriesLine, fromAt: number, toAt: number): Figures {
  const times = sumOf(points);
  // Single readings carry no time of their own: then the runs of status tell.
  const sum = Object.values(times).some((ms) => ms > 0) ? times : timesOfBands(bands, fromAt, toAt);
  const known = sum.upMs + sum.degradedMs + sum.downMs;
  const watched = known + sum.unknownMs;
  return {
    ...sum,
    uptime: uptimeOf(sum),
    down: known > 0 ? sum.downMs / known : null,
    unknown: watched > 0 ? sum.unknownMs / watched : 0,
    averageUs: averageOf(points),
    readings: points.reduce((all, { count }) => all + count, 0),
  };
}

function timesOfBands(bands: readonly SeriesBand[], from: number, to: number): StatusTimes {
  const sum = sumOf([]);
  for (const { status, fromAt, toAt } of bands) {
    sum[`${status}Ms`] += Math.max(0, Math.min(toAt, to) - Math.max(fromAt, from));
  }
  return sum;
}

/** Over all good readings; how many of a step were bad is not told, so a step weighs what was read in it. */
function averageOf(points: readonly SeriesPoint[]): number | null {
  let weight = 0;
  let total = 0;
  for (const { rtt, count } of points) {
    if (rtt === null) continue;
    weight += Math.max(1, count);
    total += Math.max(1, count) * rtt.avgUs;
  }
  return weight > 0 ? total / weight : null;
}

/** "99.981 %"; only what was never down is "100 %". */
export function uptimeText(percent: number | null): string {
  if (percent === null) return 'not known';
  return percent >= 100 ? '100 %' : `${percent.toFixed(3)} %`;
}

/** "0.2 %"; a little is never "0 %". */
export function shareText(share: number): string {
  if (share <= 0) return '0 %';
  if (share < 0.0001) return 'under 0.01 %';
  return `${Number((share * 100).toFixed(2))} %`;
}

/** "Up 99.981 %", "Down 0.02 %", …: as gosrvmon's heading has them. */
export function figureTexts(figures: Figures): string[] {
  const planned =
    figures.maintenanceMs > 0 ? [`Maintenance ${humanDuration(figures.maintenanceMs)}`] : [];
  if (figures.uptime === null) return ['Nothing is known of this time', ...planned];
  return [
    `Up ${uptimeText(figures.uptime)}`,
    `Down ${shareText(figures.down ?? 0)}`,
    `Unknown ${shareText(figures.unknown)}`,
    ...planned,
    ...(figures.averageUs === null ? [] : [`Average RTT ${humanRtt(figures.averageUs)}`]),
  ];
}
