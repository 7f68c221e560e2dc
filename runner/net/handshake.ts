// How long the TCP handshake took by the kernel's own clock: the event loop hears of it when it comes round to it, which
// in a full slot is milliseconds later. Linux only; elsewhere nothing is known.
import type { Socket } from 'node:net';

const IPPROTO_TCP = 6;
const TCP_INFO = 11;
/** In `struct tcp_info` (linux/tcp.h): the smoothed round trip, after a handshake that of the handshake, and what was sent again. */
const RTT = 68;
const TOTAL_RETRANS = 100;
const BYTES = TOTAL_RETRANS + 4;

type GetOption = (fd: number, level: number, name: number, value: Buffer, length: Buffer) => number;

const info = Buffer.alloc(BYTES);
const length = Buffer.alloc(4);
let getsockopt: GetOption | null = null;
let isWanted = false;

/** Makes the kernel's word available to handshakes that begin later. */
export async function askKernel(): Promise<void> {
  if (isWanted || process.platform !== 'linux') return;
  isWanted = true;
  try {
    const { default: koffi } = await import('koffi');
    getsockopt = koffi
      .load(null)
      .func('int getsockopt(int, int, int, void *, void *)') as unknown as GetOption;
  } catch {
    // The event loop's word has to do.
  }
}

/** Microseconds, of a socket that just connected; null when the kernel does not say, or a packet of it was lost. */
export function handshakeUs(socket: Socket): number | null {
  const { fd = -1 } = (socket as { _handle?: { fd?: number } })._handle ?? {};
  if (getsockopt === null || fd < 0) return null;
  length.writeUInt32LE(BYTES);
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, length) !== 0) return null;
  if (length.readUInt32LE() < BYTES || info.readUInt32LE(TOTAL_RETRANS) > 0) return null;
  return info.readUInt32LE(RTT) || null;
}
