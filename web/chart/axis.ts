// The frame that lines are read against.
import type { Series } from '#core/history/series.ts';
import type { Box, Layout } from './layout.ts';
import { escaped, tag, textWidth } from './markup.ts';
import { linear, type ValueAxis } from './scale.ts';
import type { Theme } from './theme.ts';
import { timeTicks } from './ticks.ts';
import type { Zone } from './zone.ts';

export interface Axes {
  series: Series;
  layout: Layout;
  theme: Theme;
  zone: Zone;
  axis: ValueAxis;
  labels: string[];
  plot: Box;
}

/** Grid, ground and labels; no values where there is nothing to measure. */
export function axisMarkup(axes: Axes, empty: boolean): string {
  const { plot, theme } = axes;
  const ground = `M${plot.left} ${crisp(plot.bottom)}H${plot.right}`;
  return [
    empty ? '' : valueMarks(axes),
    timeMarks(axes),
    tag('path', { d: ground, stroke: theme.edge }),
  ].join('');
}

function valueMarks({ plot, axis, labels, layout, theme }: Axes): string {
  const { size } = layout;
  const y = linear(0, axis.top, plot.bottom, plot.top);
  const grid = axis.ticks.slice(1).map((tick) => `M${plot.left} ${crisp(y(tick))}H${plot.right}`);
  const texts = axis.ticks.map((tick, i) => {
    const place = { x: plot.left - size * 0.6, y: y(tick) + size * 0.36 };
    return tag('text', place, escaped(labels[i] ?? ''));
  });
  return (
    tag('path', { d: grid.join(''), stroke: theme.grid }) +
    tag('g', { fill: theme.soft, 'text-anchor': 'end' }, texts.join(''))
  );
}

function timeMarks({ series, plot, layout, theme, zone }: Axes): string {
  const { size, pad } = layout;
  const x = linear(series.fromAt, series.toAt, plot.left, plot.right);
  const most = Math.floor((plot.right - plot.left) / (size * 5.5));
  const ticks = timeTicks(series.fromAt, series.toAt, most, zone);
  const grid = ticks.map(
    ({ at, major }) => `M${crisp(x(at))} ${major ? plot.top : plot.bottom}V${plot.bottom + 5}`,
  );
  const texts = ticks.map(({ at, label, major }) => {
    // Bold is a little wider.
    const half = (textWidth(label, size) * (major ? 1.15 : 1)) / 2;
    const centre = Math.min(Math.max(x(at), half + 2), plot.right + pad - half - 1);
    const strong = major ? { 'font-weight': 600, fill: theme.ink } : {};
    return tag('text', { x: centre, y: plot.bottom + size * 1.7, ...strong }, escaped(label));
  });
  return (
    tag('path', { d: grid.join(''), stroke: theme.grid }) +
    tag('g', { fill: theme.soft, 'text-anchor': 'middle' }, texts.join(''))
  );
}

/** A line of one pixel lies between two of the grid. */
function crisp(value: number): number {
  return Math.floor(value) + 0.5;
}
