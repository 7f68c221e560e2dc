import type { Metric } from '#core/reading.ts';
import type { Failure } from '../failure.ts';

/** One figure of this machine at this moment. */
export interface Figure {
  value: number;
  /** Written behind the value. */
  unit: string;
  /** A value in words; absent = with the unit behind it. */
  say?: (value: number) => string;
  /** What is charted. */
  metrics: Metric[];
}

/** Reads a figure. `which` is what stands behind the colon of the target; `identity` tells checks apart that count since their last look. */
export type ReadFigure = (which: string, identity: string) => Promise<Figure | Failure>;

export function percent(part: number, whole: number): number {
  return whole > 0 ? round((100 * part) / whole) : 0;
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
