// From values to places on the drawing, and the round values that an axis names.

/** Places `value` between `start` and `end` in proportion. */
export function linear(
  from: number,
  to: number,
  start: number,
  end: number,
): (value: number) => number {
  const factor = to === from ? 0 : (end - start) / (to - from);
  return (value) => start + (value - from) * factor;
}

/** The smallest of 1, 2, 5 × 10^n that is not below. */
export function niceStep(atLeast: number): number {
  if (!(atLeast > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(atLeast));
  // What 0.1 + 0.2 is made of must not push a step of 5 to 10.
  const factor = [1, 2, 5, 10].find((each) => each * power >= atLeast * (1 - 1e-9)) ?? 10;
  return factor * power;
}

export interface ValueAxis {
  top: number;
  /** From 0 up to and with the top. */
  ticks: number[];
}

/** Ends at a round value at or above `highest`, with at most `most` steps. */
export function valueAxis(highest: number, most: number): ValueAxis {
  const step = niceStep(highest / Math.max(1, most));
  const count = Math.max(1, Math.ceil((highest / step) * (1 - 1e-9)));
  const ticks = Array.from({ length: count + 1 }, (_, i) => round(i * step));
  return { top: round(count * step), ticks };
}

/** An axis that ends exactly where it was told to. */
export function fixedAxis(top: number, most: number): ValueAxis {
  const step = niceStep(top / Math.max(1, most));
  const count = Math.floor((top / step) * (1 + 1e-9));
  return { top, ticks: Array.from({ length: count + 1 }, (_, i) => round(i * step)) };
}

/**
 * The highest value worth showing: the highest of all, unless a few peaks would press everything else flat against
 * the ground; then a good way above the 99th percentile.
 */
export function worthShowing(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const highest = sorted.at(-1) ?? 0;
  const usual = sorted[Math.floor(0.99 * (sorted.length - 1))] ?? 0;
  return highest > 4 * usual && usual > 0 ? 1.5 * usual : highest;
}

function round(value: number): number {
  return Number(value.toPrecision(12));
}

/** Labels of an RTT axis in one unit: "0", "20 ms", "40 ms". */
export function rttLabels({ ticks }: ValueAxis): string[] {
  const highest = ticks.at(-1) ?? 0;
  const [unit, us] = highest >= 1e6 ? ['s', 1e6] : highest >= 1000 ? ['ms', 1000] : ['µs', 1];
  return ticks.map((tick) => (tick === 0 ? '0' : `${round(tick / us)} ${unit}`));
}

/** Labels of any other axis: "0", "0.5 %", "2k rows". */
export function valueLabels({ ticks }: ValueAxis, unit = ''): string[] {
  const highest = ticks.at(-1) ?? 0;
  const [sign, factor] =
    highest >= 1e9
      ? ['G', 1e9]
      : highest >= 1e6
        ? ['M', 1e6]
        : highest >= 1e4
          ? ['k', 1e3]
          : ['', 1];
  const suffix = unit === '' ? sign : ` ${sign}${unit}`;
  return ticks.map((tick) => (tick === 0 ? '0' : `${round(tick / factor)}${suffix}`));
}
