// RTT as a 16-bit logarithm of microseconds: 1 µs … 65 s in steps of 0.028 %.
const MAX_US = 65_000_000;
const SCALE = 65_534 / Math.log(MAX_US);

/** 0 stands for "none"; 1 … 65535 for 1 µs … 65 s, clamped. */
export function toLog16(us: number | null): number {
  if (us === null) return 0;
  return 1 + Math.round(Math.log(Math.min(MAX_US, Math.max(1, us))) * SCALE);
}

export function fromLog16(code: number): number | null {
  if (code === 0) return null;
  const held = known[code];
  if (held) return held;
  const us = Math.round(Math.exp((code - 1) / SCALE));
  known[code] = us;
  return us;
}

/** By code, as far as asked for: summing up a day asks for tens of thousands. */
const known = new Uint32Array(65_536);

const UNIT_MS = 10;

/** A duration in 16 bits: 12 bits of mantissa, 4 of exponent, units of 10 ms, rounded up (≤ 0.05 % longer). */
export function toSpan16(ms: number): number {
  let units = Math.ceil(ms / UNIT_MS);
  let exponent = 0;
  while (units > 4095 && exponent < 15) {
    units = Math.ceil(units / 2);
    exponent++;
  }
  return (exponent << 12) | Math.min(units, 4095);
}

export function fromSpan16(code: number): number {
  return (code & 0xfff) * (1 << (code >> 12)) * UNIT_MS;
}
