// What a chart shows of a series: its lines, the value axis they need and how that axis is written.
import { humanRtt } from '#core/duration.ts';
import type { Series } from '#core/history/series.ts';
import { metricStretches, rttStretches, type Stretch } from './drawn.ts';
import {
  fixedAxis,
  rttLabels,
  type ValueAxis,
  valueAxis,
  valueLabels,
  worthShowing,
} from './scale.ts';

/** The check as a whole, each location by itself, or what a script measured beside its status. */
export type Lines = 'merged' | 'locations' | { metric: string };
/** As high as the values ask for, or always the same, to compare charts with. */
export type Scale = 'dynamic' | { maxMs: number };

export interface ChartLine {
  name: string;
  stretches: Stretch[];
}

export interface Content {
  lines: ChartLine[];
  /** The first line also shows its range from lowest to 95th percentile. */
  ranged: boolean;
  axisFor: (most: number) => ValueAxis;
  labels: (axis: ValueAxis) => string[];
  /** The highest value, as text; null when the axis reaches it. */
  above: (axis: ValueAxis) => string | null;
}

/** What is drawn unless somebody wishes otherwise: a check that has no RTT shows the first of what it measures. */
export function usualLines({ merged, metrics = [] }: Series): Lines {
  const [first] = metrics;
  const hasRtt = merged.points.some(({ rtt }) => rtt !== null);
  return first && !hasRtt ? { metric: first.name } : 'merged';
}

export function contentOf(series: Series, lines: Lines, scale: Scale, room: number): Content {
  if (typeof lines === 'object') return metricContent(series, lines.metric, room);
  const drawn = rttLines(series, lines, room);
  const ranged =
    lines === 'merged' && drawn.some(({ stretches }) => points(stretches).some(isRange));
  const values = drawn.flatMap(({ stretches }) =>
    points(stretches).map(({ value, high }) => (ranged ? high : value)),
  );
  const highest = values.reduce((most, each) => Math.max(most, each), 0);
  const top = worthShowing(values);
  return {
    lines: drawn,
    ranged,
    axisFor: (most) =>
      scale === 'dynamic' ? valueAxis(top || 1000, most) : fixedAxis(scale.maxMs * 1000, most),
    labels: rttLabels,
    above: (axis) => (highest > axis.top ? humanRtt(highest) : null),
  };
}

function rttLines(series: Series, lines: 'merged' | 'locations', room: number): ChartLine[] {
  const given = lines === 'merged' ? [{ name: 'Average RTT', ...series.merged }] : series.locations;
  return given.map((line) => ({
    name: line.name,
    stretches: rttStretches(line, series.stepMs, room),
  }));
}

function metricContent(series: Series, name: string, room: number): Content {
  const metric = series.metrics?.find((each) => each.name === name);
  const stretches = metric ? metricStretches(metric, series.stepMs, room) : [];
  const highest = points(stretches).reduce((most, { value }) => Math.max(most, value), 0);
  return {
    lines: metric ? [{ name, stretches }] : [],
    ranged: false,
    axisFor: (most) => valueAxis(highest || 1, most),
    labels: (axis) => valueLabels(axis, metric?.unit),
    above: () => null,
  };
}

function points(stretches: readonly Stretch[]) {
  return stretches.flat();
}

function isRange({ low, high }: { low: number; high: number }): boolean {
  return high > low;
}
