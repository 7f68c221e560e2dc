const PART = 2048;

/** 16 bits that tell bytes that were changed (Fletcher-16). */
export function checksum16(bytes: Uint8Array): number {
  let low = 0xa5;
  let high = 0x5a;
  // So many bytes fit 31 bits before the sums must be cut down again.
  for (let from = 0; from < bytes.length; from += PART) {
    const to = Math.min(bytes.length, from + PART);
    for (let i = from; i < to; i++) {
      low += bytes[i] as number;
      high += low;
    }
    low %= 255;
    high %= 255;
  }
  return (high << 8) | low;
}
