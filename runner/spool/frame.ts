// Frames in an append-only file: length, CRC, payload. A tail that was torn by a crash fails its CRC and is cut.
import { crc32 } from 'node:zlib';

const HEAD_BYTES = 8;
/** Far above what one wake-up writes; a length beyond it is damage. */
const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;

export function encodeFrame(payload: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + payload.byteLength);
  frame.writeUInt32LE(payload.byteLength, 0);
  frame.writeUInt32LE(crc32(payload), 4);
  frame.set(payload, HEAD_BYTES);
  return frame;
}

/** The payloads of all whole frames from the start, and whether something damaged follows them. */
export function decodeFrames(bytes: Uint8Array): { payloads: Uint8Array[]; torn: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const payloads: Uint8Array[] = [];
  let offset = 0;
  while (offset + HEAD_BYTES <= bytes.byteLength) {
    const length = view.getUint32(offset, true);
    const end = offset + HEAD_BYTES + length;
    // A power cut may leave zeros, and those are a frame of nothing with the right CRC.
    if (length === 0 || length > MAX_PAYLOAD_BYTES || end > bytes.byteLength) break;
    const payload = bytes.subarray(offset + HEAD_BYTES, end);
    if (crc32(payload) !== view.getUint32(offset + 4, true)) break;
    payloads.push(payload);
    offset = end;
  }
  return { payloads, torn: offset < bytes.byteLength };
}
