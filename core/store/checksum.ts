/** 16 bits that tell bytes that were changed (Fletcher-16). */
export function checksum16(bytes: Uint8Array): number {
  let low = 0xa5;
  let high = 0x5a;
  for (let i = 0; i < bytes.length; i++) {
    low = (low + (bytes[i] as number)) % 255;
    high = (high + low) % 255;
  }
  return (high << 8) | low;
}
