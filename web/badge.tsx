// `/badge/:hostId.svg`: a host's name, its status as shape and word; a picture that needs nothing beside it.
import { SHAPE_PATHS, type ShapeName } from './parts/shape.tsx';
import { shortUtc } from './parts/time.tsx';

export interface BadgeProps {
  name: string;
  status: ShapeName;
  /** The database does not answer: it was so then. */
  asOf?: number | undefined;
}

/** Each with white letters at 4.5 : 1 or more. */
const COLOURS: Record<ShapeName, string> = {
  up: '#1a7340',
  degraded: '#8f5a00',
  down: '#b91c24',
  unknown: '#5b6270',
  paused: '#5b6270',
  maintenance: '#5a4fb0',
};

const HEIGHT = 20;
const LETTER = 6.5;
const LONGEST = 40;

export function Badge({ name, status, asOf }: BadgeProps) {
  const shown = name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
  const word = asOf === undefined ? status : `${status} at ${shortUtc(new Date(asOf))}`;
  const left = widthOf(shown) + 14;
  const right = widthOf(word) + 32;
  const label = `${name}: ${word}`;
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      width={left + right}
      height={HEIGHT}
      viewBox={`0 0 ${left + right} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <clipPath id="round">
        <rect width={left + right} height={HEIGHT} rx="4" />
      </clipPath>
      <g clip-path="url(#round)">
        <rect width={left} height={HEIGHT} fill="#2f3540" />
        <rect x={left} width={right} height={HEIGHT} fill={COLOURS[status]} />
      </g>
      <path
        transform={`translate(${left + 7} 4) scale(0.6)`}
        fill="#fff"
        fill-rule="evenodd"
        d={SHAPE_PATHS[status]}
      />
      <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
        <text x="7" y="14" textLength={left - 14}>
          {shown}
        </text>
        <text x={left + 25} y="14" textLength={right - 32}>
          {word}
        </text>
      </g>
    </svg>
  );
}

/** About; the letters are set to it exactly. Full-width letters take two places. */
function widthOf(text: string): number {
  const places = [...text].reduce((sum, letter) => sum + (letter > '\u2e7f' ? 1.7 : 1), 0);
  return Math.ceil(places * LETTER);
}
