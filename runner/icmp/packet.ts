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
  packet.writeUInt8(ECHO[family].request, 0);
  packet.writeUInt8(0, 1);
  packet.writeUInt16BE(0, 2);
  packet.writeUInt16BE(mark.id, 4);
  packet.writeUInt16BE(serial & 0xffff, 6);
  mark.nonce.copy(packet, HEADER_BYTES, 0, NONCE_BYTES);
  packet.writeUInt32BE(serial >>> 0, HEADER_BYTES + NONCE_BYTES);
  if (family === 4) packet.writeUInt16BE(checksum(packet), 2);
}

/** The serial of the request this answers; null when it is not a reply to one of ours. */
export function readReply(
  bytes: Buffer,
  family: 4 | 6,
  mark: Mark,
  checksId: boolean,
): number | null {
  if (bytes.length < HEADER_BYTES + NONCE_BYTES + 4) return null;
  if (bytes.readUInt8(0) !== ECHO[family].reply || bytes.readUInt8(1) !== 0) return null;
  if (checksId && bytes.readUInt16BE(4) !== mark.id) return null;
  const nonce = bytes.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  if (!nonce.equals(mark.nonce)) return null;
  const serial = bytes.readUInt32BE(HEADER_BYTES + NONCE_BYTES);
  return bytes.readUInt16BE(6) === (serial & 0xffff) ? serial : null;
}

/** Where the ICMP message begins in what a raw IPv4 socket delivers; null when that is no IPv4 packet. */
export function afterIPv4Header(bytes: Buffer): Buffer | null {
  const first = bytes[0] ?? 0;
  const headerBytes = (first & 0x0f) * 4;
  return first >> 4 === 4 && headerBytes >= 20 ? bytes.subarray(headerBytes) : null;
}

/** The Internet checksum (RFC 1071) of bytes whose checksum field is zero. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i + 1 < bytes.length; i += 2) sum += bytes.readUInt16BE(i);
  if (bytes.length % 2 === 1) sum += bytes.readUInt8(bytes.length - 1) << 8;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum += sum >>> 16;
  return ~sum & 0xffff;
}
