// ICMP echo as bytes (RFC 792, RFC 4443).

export const HEADER_BYTES = 8;
const NONCE_BYTES = 8;

const ECHO = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;

/** What tells our echoes from everybody else's. */
export interface Mark {
  id: number;
  nonce: Buffer;
}

/** Writes an echo request with its checksum (the kernel overwrites the checksum where it makes its own). */
export function writeEcho(packet: Buffer, family: 4 | 6, mark: Mark, serial: number): void {
  packet[0] = ECHO[family].request;
  packet[1] = 0;
  write16(packet, 2, 0);
  write16(packet, 4, mark.id);
  write16(packet, 6, serial);
  packet.set(mark.nonce, HEADER_BYTES);
  write16(packet, HEADER_BYTES + NONCE_BYTES, serial >>> 16);
  write16(packet, HEADER_BYTES + NONCE_BYTES + 2, serial);
  if (family === 4) write16(packet, 2, checksum(packet));
}

/**
 * The serial of the request that a message answers, which stands in `bytes` from `start` up to `end`; null when it is not
 * a reply to one of ours.
 */
export function readReply(
  { bytes, start, end }: { bytes: Buffer; start: number; end: number },
  family: 4 | 6,
  mark: Mark,
  checksId: boolean,
): number | null {
  if (end - start < HEADER_BYTES + NONCE_BYTES + 4) return null;
  if (bytes[start] !== ECHO[family].reply || bytes[start + 1] !== 0) return null;
  if (checksId && read16(bytes, start + 4) !== mark.id) return null;
  const nonceAt = start + HEADER_BYTES;
  for (let i = 0; i < NONCE_BYTES; i++) if (bytes[nonceAt + i] !== mark.nonce[i]) return null;
  const serialAt = nonceAt + NONCE_BYTES;
  const low = read16(bytes, serialAt + 2);
  return read16(bytes, start + 6) === low ? read16(bytes, serialAt) * 0x1_0000 + low : null;
}

/** Where the ICMP message begins in what a raw IPv4 socket delivers: nowhere before `end` when that is no IPv4 packet. */
export function afterIPv4Header(bytes: Buffer, end: number): number {
  const first = bytes[0] ?? 0;
  const headerBytes = (first & 0x0f) * 4;
  return first >> 4 === 4 && headerBytes >= 20 ? headerBytes : end;
}

/** The Internet checksum (RFC 1071) of bytes whose checksum field is zero. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i + 1 < bytes.length; i += 2) sum += read16(bytes, i);
  if (bytes.length % 2 === 1) sum += (bytes[bytes.length - 1] ?? 0) << 8;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum += sum >>> 16;
  return ~sum & 0xffff;
}

// Not the Buffer's own, which check what is known here and cost more than the rest of the packet.

function read16(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function write16(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}
