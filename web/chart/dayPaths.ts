// The bars of a row of days, one path per status, a day one unit wide and 24 high: up is a whole bar, degraded two
// thirds of one, down a bar with a notch, unknown hollow and half as high, maintenance hollow and whole, unwatched a dash on
// the ground. Runs of up,
// degraded and unwatched are one stroke each, which the style sheet (styles/parts/days.css) cuts into days by its dashes.
import type { Day } from './days.ts';

export const BAR_HEIGHT = 24;

/** Drawn one by one. */
type Apart = 'down' | 'unknown' | 'maintenance';

const WIDTH = '.76';
const MARGIN = 0.12;

const ONE: Record<Apart, string> = {
  down: `h${WIDTH}v15h-${WIDTH}zm0 18h${WIDTH}v6h-${WIDTH}z`,
  unknown: `h${WIDTH}v11h-${WIDTH}z`,
  maintenance: `h${WIDTH}v23h-${WIDTH}z`,
};
const TOP = { down: 0, unknown: 12.5, maintenance: 0.5 };
/** Middle of the stroke. */
const MIDDLE = { up: 12, degraded: 16, none: 23 };

/** Path data of each status that occurs. */
export function dayPaths(days: readonly Day[]): Array<[status: Day['status'], d: string]> {
  const paths = new Map<Day['status'], string>();
  for (const { status, start, length } of runsOf(days)) {
    paths.set(status, (paths.get(status) ?? '') + runPath(status, start, length));
  }
  return [...paths];
}

function runPath(status: Day['status'], start: number, length: number): string {
  if (status === 'down' || status === 'unknown' || status === 'maintenance') {
    const each = (i: number) => `M${short(start + i)} ${TOP[status]}${ONE[status]}`;
    return Array.from({ length }, (_, i) => each(i)).join('');
  }
  return `M${short(start)} ${MIDDLE[status]}h${length}`;
}

function runsOf(days: readonly Day[]) {
  const runs: Array<{ status: Day['status']; start: number; length: number }> = [];
  for (const [start, { status }] of days.entries()) {
    const last = runs.at(-1);
    if (last?.status === status) last.length++;
    else runs.push({ status, start, length: 1 });
  }
  return runs;
}

function short(day: number): string {
  return (day + MARGIN).toFixed(2).replace(/^0/, '');
}
