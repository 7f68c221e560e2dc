// Path data in as few characters as will do: tenths of a pixel, each point told from the one before.
import type { Span } from './bands.ts';
import type { Stretch } from './drawn.ts';

interface Pen {
  x: (at: number) => number;
  y: (value: number) => number;
}

type Tenths = readonly [x: number, y: number];

/** The line itself; a point between two gaps is a dot (give the path round caps). */
export function linePath(stretches: readonly Stretch[], pen: Pen): string {
  return stretches
    .map((stretch) => {
      const [first, ...rest] = stretch.map(({ at, value }) => tenths(pen.x(at), pen.y(value)));
      if (first === undefined) return '';
      return rest.length === 0 ? `${move(first)}h0` : move(first) + along(first, rest);
    })
    .join('');
}

/** The area between the lowest and the highest; nothing where they are the same. */
export function rangePath(stretches: readonly Stretch[], pen: Pen): string {
  return stretches
    .map((stretch) => {
      const above = stretch.map(({ at, high }) => tenths(pen.x(at), pen.y(high)));
      const below = stretch.map(({ at, low }) => tenths(pen.x(at), pen.y(low))).reverse();
      const [first] = above;
      if (first === undefined || stretch.length < 2) return '';
      if (stretch.every(({ low, high }) => low === high)) return '';
      return `${move(first)}${along(first, [...above.slice(1), ...below])}z`;
    })
    .join('');
}

/** Rectangles from `top` to `bottom`. */
export function spanPath(spans: readonly Span[], top: number, bottom: number): string {
  const height = Math.round((bottom - top) * 10);
  return spans
    .map(({ from, to }) => {
      const start = tenths(from, top);
      const width = Math.max(1, Math.round(to * 10) - start[0]);
      return `${move(start)}h${text(width)}v${text(height)}h${text(-width)}z`;
    })
    .join('');
}

function tenths(x: number, y: number): Tenths {
  return [Math.round(x * 10), Math.round(y * 10)];
}

function move([x, y]: Tenths): string {
  return `M${text(x)} ${text(y)}`;
}

function along(start: Tenths, points: readonly Tenths[]): string {
  let [x, y] = start;
  let path = '';
  for (const [nextX, nextY] of points) {
    const dx = nextX - x;
    const dy = nextY - y;
    x = nextX;
    y = nextY;
    if (dx === 0 && dy === 0) continue;
    if (dy === 0) path += `h${text(dx)}`;
    else if (dx === 0) path += `v${text(dy)}`;
    else path += `l${text(dx)}${dy < 0 ? '' : ' '}${text(dy)}`;
  }
  return path;
}

/** 8 tenths are ".8", -12 "-1.2", 30 "3". */
function text(n: number): string {
  const sign = n < 0 ? '-' : '';
  const whole = Math.floor(Math.abs(n) / 10);
  const rest = Math.abs(n) % 10;
  if (rest === 0) return `${sign}${whole}`;
  return `${sign}${whole === 0 ? '' : whole}.${rest}`;
}
