// Status as a shape and a word: colour only repeats what they say.
import type { ShownStatus } from '#core/history/series.ts';
import { STATUS_WORDS } from '../words.ts';

export type ShapeName = ShownStatus | 'paused';

/** Outlines in a square of 20 by 20. */
export const SHAPE_PATHS: Record<ShapeName, string> = {
  // a disc with a tick, a triangle, an octagon with a cross, a ring with a question mark, a ring with two bars, a spanner
  up: 'M10 1a9 9 0 1 1 0 18a9 9 0 0 1 0-18zM5.6 10.3l3.1 3.1 5.9-6.3-1.4-1.3-4.6 4.9-1.7-1.7z',
  degraded:
    'M10 1.4 19.4 18H.6zM9 7l.3 5.6h1.4L11 7zM10 13.6a1.2 1.2 0 1 0 0 2.4 1.2 1.2 0 0 0 0-2.4z',
  down: 'M6.3 1h7.4L19 6.3v7.4L13.7 19H6.3L1 13.7V6.3zM6.2 7.6 8.6 10l-2.4 2.4 1.4 1.4 2.4-2.4 2.4 2.4 1.4-1.4L11.4 10l2.4-2.4-1.4-1.4L10 8.6 7.6 6.2z',
  unknown:
    'M10 1a9 9 0 1 1 0 18 9 9 0 0 1 0-18zm0 2a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM7 8c0-1.7 1.3-2.8 3.1-2.8s3 1.1 3 2.6c0 1.2-.7 1.8-1.4 2.4-.6.5-.9.8-.9 1.5v.3H9.2v-.4c0-1.3.7-1.9 1.3-2.5.5-.4.8-.7.8-1.2 0-.6-.5-1-1.2-1-.8 0-1.3.5-1.3 1.2zm3 4.8a1.1 1.1 0 1 1 0 2.2 1.1 1.1 0 0 1 0-2.2z',
  paused:
    'M10 1a9 9 0 1 1 0 18 9 9 0 0 1 0-18zm0 2a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM7 6.5h2v7H7zm4 0h2v7h-2z',
  maintenance:
    'M13.4 1.3a5.6 5.6 0 0 0-5.2 7.7L1.4 15.8a1.9 1.9 0 0 0 2.8 2.8L11 11.8a5.6 5.6 0 0 0 7.4-6.6l-3.3 3.3-2.9-.7-.7-2.9 3.3-3.3a5.6 5.6 0 0 0-1.4-.3z',
};

/** The outlines, once a page; `Shape` refers to them. */
export function ShapeSheet() {
  return (
    <svg class="sheet" aria-hidden="true">
      {(Object.keys(SHAPE_PATHS) as ShapeName[]).map((name) => (
        <symbol id={`s-${name}`} viewBox="0 0 20 20">
          <path fill-rule="evenodd" d={SHAPE_PATHS[name]} />
        </symbol>
      ))}
    </svg>
  );
}

/** The shape alone: whoever uses it writes the word beside it. */
export function Shape({ of }: { of: ShapeName }) {
  return (
    <svg class={`shape ${of}`} aria-hidden="true">
      <use href={`#s-${of}`} />
    </svg>
  );
}

export function statusWord(of: ShapeName): string {
  return STATUS_WORDS[of];
}

/** Shape and word. */
export function StatusText({ of }: { of: ShapeName }) {
  return (
    <span class={`status ${of}`}>
      <Shape of={of} />
      {statusWord(of)}
    </span>
  );
}

const ICON_COLOURS: Record<ShapeName, string> = {
  up: '#1a7f4b',
  degraded: '#c27c00',
  down: '#c8262c',
  unknown: '#6b7280',
  paused: '#6b7280',
  maintenance: '#5a4fb0',
};

/** The page's icon: the same shape, so that a pinned tab tells too. */
export function iconAddress(of: ShapeName): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><path fill="${ICON_COLOURS[of]}" fill-rule="evenodd" d="${SHAPE_PATHS[of]}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
