// Where everything goes: heading above, legend below, the plot in what is left.

import { type LegendEntry, legendRows } from './legend.ts';
import { fitting, textWidth } from './markup.ts';

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface HeadingLine {
  text: string;
  x: number;
  y: number;
  size: number;
  /** The range, where it fits beside the title, ends at `x`. */
  as: 'title' | 'figures' | 'range';
}

export interface Layout {
  /** No room for words: only the plot. */
  spark: boolean;
  size: number;
  pad: number;
  heading: HeadingLine[];
  legend: LegendEntry[][];
  legendTop: number;
  rowHeight: number;
  plot: Box;
}

/** Below this there is no room for words. */
const SPARK = { width: 240, height: 100 };
const LEAST_PLOT = 70;

export interface Words {
  title: string;
  figures: readonly string[];
  range: string;
  legend: readonly LegendEntry[];
}

export function layoutOf(width: number, height: number, words: Words): Layout {
  const size = width >= 1400 ? 15 : 12;
  if (width < SPARK.width || height < SPARK.height) {
    const plot = { left: 0, top: 2, right: width, bottom: height - 2 };
    const none = { heading: [], legend: [], legendTop: height, rowHeight: 0 };
    return { spark: true, size, pad: 0, ...none, plot };
  }
  const pad = size;
  const rowHeight = Math.round(size * 1.6);
  const within = width - 2 * pad;
  const all = legendRows(words.legend, size, within);
  const titleSize = Math.round(size * 1.3);
  const beside =
    textWidth(words.title, titleSize) + textWidth(words.range, size) + 2 * pad <= within;
  const figures = wrapped(words.figures, size, within);
  const texts = beside ? figures : [...figures, fitting(words.range, size, within)];
  const roomFor = (lines: number, legend: number) =>
    height - 3 * pad - size * 2 - (1 + lines + legend) * rowHeight >= LEAST_PLOT;
  const legend = roomFor(texts.length, all.length) ? all : [];
  const lines = roomFor(texts.length, legend.length) ? texts : [];
  const first = pad + titleSize;
  const title = fitting(words.title, titleSize, within);
  const heading: HeadingLine[] = [
    { text: title, x: pad, y: first, size: titleSize, as: 'title' },
    ...lines.map((text, i): HeadingLine => {
      return { text, x: pad, y: first + (i + 1) * rowHeight, size, as: 'figures' };
    }),
  ];
  const top = (heading.at(-1)?.y ?? 0) + size * 1.4;
  if (beside) heading.push({ text: words.range, x: width - pad, y: first, size, as: 'range' });
  const legendTop = Math.round(height - pad * 0.75 - legend.length * rowHeight);
  const plot = {
    left: pad,
    top: Math.round(top),
    right: width - pad,
    bottom: legendTop - Math.round(size * (legend.length > 0 ? 2.5 : 2)),
  };
  return { spark: false, size, pad, heading, legend, legendTop, rowHeight, plot };
}

/** Parts joined by " · ", broken between parts. */
function wrapped(parts: readonly string[], size: number, width: number): string[] {
  const rows: string[] = [];
  for (const part of parts) {
    const longer = rows.length === 0 ? part : `${rows.at(-1)} · ${part}`;
    if (rows.length > 0 && textWidth(longer, size) <= width) rows[rows.length - 1] = longer;
    else rows.push(part);
  }
  return rows;
}
