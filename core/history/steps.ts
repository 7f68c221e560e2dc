// At which step a stretch of time is drawn.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A day is the widest; below an hour the readings themselves are looked at. */
export const STEPS: readonly number[] = [
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  24 * HOUR,
];

/** As many points as a line across a screen can show. */
const ENOUGH = 400;

/** The finest step that does not draw more than 400 points. */
export function stepFor(spanMs: number): number {
  return STEPS.find((step) => spanMs / step <= ENOUGH) ?? 24 * HOUR;
}
