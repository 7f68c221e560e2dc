// What the signs of a chart mean, in words, in as many rows as the width asks for.

import type { BandStatus } from './bands.ts';
import { escaped, tag, textWidth } from './markup.ts';
import { DASHES, nth, type Theme } from './theme.ts';

export type LegendSign =
  | { sign: 'line'; n: number }
  | { sign: 'range' }
  | { sign: 'band'; status: BandStatus };

export type LegendEntry = LegendSign & { text: string };

const SIGN_WIDTH = 20;
const GAP = 18;

/** Entries by row. */
export function legendRows(
  entries: readonly LegendEntry[],
  size: number,
  width: number,
): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const needs = widthOf(entry, size);
    if (used + needs > width) {
      rows.push([]);
      used = 0;
    }
    rows.at(-1)?.push(entry);
    used += needs;
  }
  return rows;
}

function widthOf({ text }: LegendEntry, size: number): number {
  return SIGN_WIDTH + 6 + textWidth(text, size) + GAP;
}

export interface LegendPlace {
  x: number;
  /** Middle of the first row. */
  y: number;
  rowHeight: number;
  size: number;
  theme: Theme;
  /** The fill of a status's hatch. */
  hatch: (status: BandStatus) => string;
}

export function legendMarkup(rows: readonly LegendEntry[][], place: LegendPlace): string {
  return rows
    .map((row, i) => {
      const y = place.y + i * place.rowHeight;
      let x = place.x;
      return row
        .map((entry) => {
          const start = x;
          x += widthOf(entry, place.size);
          return (
            signMarkup(entry, start, y, place) +
            tag(
              'text',
              { x: start + SIGN_WIDTH + 6, y: y + place.size * 0.36, fill: place.theme.soft },
              escaped(entry.text),
            )
          );
        })
        .join('');
    })
    .join('');
}

function signMarkup(entry: LegendSign, x: number, y: number, { theme, hatch }: LegendPlace) {
  const box = { x, y: y - 5, width: SIGN_WIDTH, height: 10 };
  switch (entry.sign) {
    case 'line':
      return tag('path', {
        d: `M${x} ${Math.round(y)}h${SIGN_WIDTH}`,
        stroke: nth(theme.lines, entry.n),
        'stroke-width': 2,
        'stroke-dasharray': nth(DASHES, entry.n),
      });
    case 'range':
      return tag('rect', { ...box, fill: theme.line, 'fill-opacity': '.22' });
    case 'band':
      return tag('rect', { ...box, fill: hatch(entry.status) });
  }
}
