// The chart as one SVG that stands by itself: no script, no style sheet, no font to fetch, so that it is shown in an
// e-mail, a wiki or a page of ours alike.
import type { Series } from '#core/history/series.ts';
import { axisMarkup } from './axis.ts';
import { BAND_ORDER, type BandStatus, type Span, spansOf } from './bands.ts';
import { type Content, contentOf, type Lines, type Scale } from './content.ts';
import { type Figures, figuresOf, figureTexts } from './figures.ts';
import { hatchFill, hatchMarkup } from './hatch.ts';
import { type Box, type Layout, layoutOf } from './layout.ts';
import { type LegendEntry, legendMarkup } from './legend.ts';
import { escaped, tag, textWidth } from './markup.ts';
import { linePath, rangePath, spanPath } from './path.ts';
import { linear, type ValueAxis } from './scale.ts';
import { DASHES, nth, THEMES, type Theme, type ThemeName } from './theme.ts';
import { rangeText } from './ticks.ts';
import { told } from './told.ts';
import { type Zone, zoneOf } from './zone.ts';

export interface ChartOptions {
  /** CSS pixels; without room for words (under 240 × 100) only the line and the bands are drawn. */
  width: number;
  height: number;
  theme: ThemeName;
  scale: Scale;
  /** IANA name; UTC when absent. */
  timeZone?: string;
  title: string;
  lines: Lines;
}

const FONTS = 'system-ui,-apple-system,Segoe UI,Roboto,Noto Sans,sans-serif';

interface Drawing {
  series: Series;
  options: ChartOptions;
  theme: Theme;
  zone: Zone;
  content: Content;
  figures: Figures;
  layout: Layout;
  axis: ValueAxis;
  labels: string[];
  plot: Box;
  /** Begins every id, so that two charts may stand in one document. */
  prefix: string;
}

/** A complete SVG document. */
export function chartSvg(series: Series, options: ChartOptions): string {
  const drawing = drawingOf(series, options);
  const { theme, layout, prefix, zone, figures } = drawing;
  const { width, height, title } = options;
  const parts = [
    tag('title', { id: `${prefix}-title` }, escaped(title)),
    tag('desc', { id: `${prefix}-desc` }, escaped(told(series, figures, zone))),
    tag('defs', {}, hatchMarkup(prefix, theme)),
    layout.spark ? '' : tag('rect', { width, height, fill: theme.card }),
    layout.spark ? '' : axisMarkup(drawing, isEmpty(drawing)),
    bandMarkup(drawing),
    lineMarkup(drawing),
    isEmpty(drawing) ? emptyMarkup(drawing) : '',
    headingMarkup(drawing),
    layout.legend.length > 0 ? legendPart(drawing) : '',
  ];
  return tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-labelledby': `${prefix}-title ${prefix}-desc`,
      'font-family': FONTS,
      'font-size': layout.size,
    },
    parts.join(''),
  );
}

function drawingOf(series: Series, options: ChartOptions): Drawing {
  const { width, height, lines, scale, title } = options;
  const zone = zoneOf(options.timeZone);
  const content = contentOf(series, lines, scale, width);
  const figures = figuresOf(series.merged, series.fromAt, series.toAt);
  const range = rangeText(series.fromAt, series.toAt, zone);
  const most = Math.min(8, Math.max(2, Math.floor(height / 60)));
  const axis = content.axisFor(most);
  const legend = legendOf(series, content);
  const texts = [...figureTexts(figures), ...cutText(content, axis), ...corruptText(series)];
  const layout = layoutOf(width, height, { title, figures: texts, range, legend });
  const labels = content.labels(axis);
  const gutter = Math.max(...labels.map((label) => textWidth(label, layout.size))) + layout.size;
  const plot = layout.spark
    ? layout.plot
    : { ...layout.plot, left: Math.round(layout.plot.left + gutter) };
  const prefix = `c${series.checkId}${options.theme.charAt(0)}`;
  const theme = THEMES[options.theme];
  return { series, options, theme, zone, content, figures, layout, axis, labels, plot, prefix };
}

/** Only what is there to be seen. */
function legendOf(series: Series, content: Content): LegendEntry[] {
  const entries = content.lines.flatMap(({ name, stretches }, n): LegendEntry[] =>
    stretches.length > 0 ? [{ sign: 'line', n, text: name }] : [],
  );
  if (content.ranged) entries.push({ sign: 'range', text: 'Lowest to 95th percentile' });
  for (const status of BAND_ORDER.toReversed()) {
    const text = `${status.charAt(0).toUpperCase()}${status.slice(1)}`;
    if (series.merged.bands.some((band) => band.status === status)) {
      entries.push({ sign: 'band', status, text });
    }
  }
  return entries;
}

function cutText(content: Content, axis: ValueAxis): string[] {
  const above = content.above(axis);
  return above === null ? [] : [`Peaks are cut, the highest is ${above}`];
}

function corruptText({ corrupt = [] }: Series): string[] {
  if (corrupt.length === 0) return [];
  return [`${corrupt.length === 1 ? '1 hour' : `${corrupt.length} hours`} cannot be read`];
}

function bandMarkup({ series, plot, prefix, theme }: Drawing): string {
  const place = linear(series.fromAt, series.toAt, 0, plot.right - plot.left);
  return BAND_ORDER.map((status) => {
    const spans = spansOf(series.merged.bands, status, place, plot.right - plot.left).map(
      ({ from, to }): Span => ({ from: from + plot.left, to: to + plot.left }),
    );
    if (spans.length === 0) return '';
    const d = spanPath(spans, plot.top, plot.bottom);
    // The edge keeps the narrowest band in its full colour, where a hatch has no room.
    const edge = { stroke: theme.bands[status], 'stroke-width': 1, 'stroke-opacity': '.55' };
    return tag('path', { d, fill: hatchFill(prefix, status), ...edge });
  }).join('');
}

function lineMarkup({ series, content, plot, axis, theme, layout }: Drawing): string {
  const x = linear(series.fromAt, series.toAt, plot.left, plot.right);
  const place = linear(0, axis.top, plot.bottom, plot.top);
  const pen = {
    x: (at: number) => Math.min(Math.max(x(at), plot.left), plot.right),
    y: (value: number) => Math.max(plot.top, place(value)),
  };
  const [first] = content.lines;
  const range = content.ranged && first ? rangePath(first.stretches, pen) : '';
  const lines = content.lines.map(({ stretches }, n) =>
    tag('path', {
      d: linePath(stretches, pen),
      stroke: nth(theme.lines, n),
      'stroke-dasharray': nth(DASHES, n),
    }),
  );
  const width = layout.spark ? 1.2 : 1.6;
  const joined = { 'stroke-linejoin': 'round', 'stroke-linecap': 'round' };
  return [
    range && tag('path', { d: range, fill: theme.line, 'fill-opacity': '.22' }),
    tag('g', { fill: 'none', 'stroke-width': width, ...joined }, lines.join('')),
  ].join('');
}

function headingMarkup({ layout, theme }: Drawing): string {
  const styles = {
    title: { 'font-weight': 600, fill: theme.ink },
    figures: { fill: theme.soft },
    range: { fill: theme.soft, 'text-anchor': 'end' },
  };
  return layout.heading
    .map(({ text, x, y, size, as }) => {
      return tag('text', { x, y, 'font-size': size, ...styles[as] }, escaped(text));
    })
    .join('');
}

function legendPart({ layout, theme, prefix }: Drawing): string {
  const { pad, legendTop, rowHeight, size } = layout;
  const hatch = (status: BandStatus) => hatchFill(prefix, status);
  const place = { x: pad, y: legendTop + rowHeight / 2, rowHeight, size, theme, hatch };
  return legendMarkup(layout.legend, place);
}

function isEmpty({ content, figures }: Drawing): boolean {
  return figures.readings === 0 && content.lines.every(({ stretches }) => stretches.length === 0);
}

function emptyMarkup({ plot, theme, layout }: Drawing): string {
  const place = {
    x: (plot.left + plot.right) / 2,
    y: (plot.top + plot.bottom) / 2 + layout.size * 0.36,
    'text-anchor': 'middle',
  };
  // The hatch of an unknown time may lie behind it.
  const halo = layout.spark
    ? {}
    : {
        stroke: theme.card,
        'stroke-width': 5,
        'paint-order': 'stroke',
        'stroke-linejoin': 'round',
      };
  return tag('text', { ...place, ...halo, fill: theme.soft }, 'No data in this range');
}
