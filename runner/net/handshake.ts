// How long the TCP handshake of one of Node's sockets took by the kernel's own clock: the event loop hears of it when it
// comes round to it, which in a full slot is milliseconds later. Linux only; elsewhere nothing is known.
import type { Socket } from 'node:net';
import type { handshakeOf } from '../tcp/libc.ts';

let ask: typeof handshakeOf | null = null;
let isWanted = false;

/** Makes the kernel's word available to handshakes that begin later. */
export async function askKernel(): Promise<void> {
  if (isWanted || process.platform !== 'linux') return;
  isWanted = true;
  try {
    ask = (await import('../tcp/libc.ts')).handshakeOf;
  } catch {
    // The event loop's word has to do.
  }
}

/** Microseconds, of a socket that just connected; null when the kernel does not say, or a packet of it was lost. */
export function handshakeUs(socket: Socket): number | null {
  const { fd = -1 } = (socket as { _handle?: { fd?: number } })._handle ?? {};
  const handshake = ask === null || fd < 0 ? null : ask(fd);
  return handshake === null || handshake.sentAgain ? null : handshake.us || null;
}
