// Each status has its own hatch beside its colour: down is dense and rising, degraded wide and falling, unknown dotted, maintenance upright.
import { BAND_ORDER, type BandStatus } from './bands.ts';
import { tag } from './markup.ts';
import type { Theme } from './theme.ts';

export interface Hatch {
  size: number;
  tint: string;
  path: string;
  width: number;
}

export const HATCHES: Record<BandStatus, Hatch> = {
  down: { size: 6, tint: '.2', path: 'M-1 7l8-8M-1 1l2-2M5 7l2-2', width: 1.6 },
  degraded: { size: 10, tint: '.12', path: 'M-1-1l12 12M-1 9l2 2M9-1l2 2', width: 1.2 },
  unknown: { size: 6, tint: '.1', path: 'M1.5 1.5h0M4.5 4.5h0', width: 1.4 },
  maintenance: { size: 8, tint: '.14', path: 'M2 0v8', width: 1 },
};

/** Definitions for `hatchFill`; ids begin with `prefix`. */
export function hatchMarkup(prefix: string, theme: Theme): string {
  return BAND_ORDER.map((status) => {
    const { size, tint, path, width } = HATCHES[status];
    const colour = theme.bands[status];
    const ground = tag('path', {
      d: `M0 0h${size}v${size}h-${size}z`,
      fill: colour,
      'fill-opacity': tint,
    });
    const lines = tag('path', {
      d: path,
      stroke: colour,
      'stroke-width': width,
      'stroke-opacity': '.65',
      'stroke-linecap': 'round',
    });
    return tag(
      'pattern',
      { id: `${prefix}-${status}`, width: size, height: size, patternUnits: 'userSpaceOnUse' },
      ground + lines,
    );
  }).join('');
}

export function hatchFill(prefix: string, status: BandStatus): string {
  return `url(#${prefix}-${status})`;
}
