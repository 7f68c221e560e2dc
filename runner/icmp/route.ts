// The machines on the way to an address: one echo request for each number of hops, all at once, on sockets of their own.
import { randomBytes } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { isIPv6 } from '#core/checks/kind.ts';
import { MAX_HOPS } from '#core/wire/evidence.ts';
import { afterIPv4Header, HEADER_BYTES, type Mark, readReply, writeEcho } from './packet.ts';

const PATIENCE_MS = 1000;
const DATA_BYTES = 24;

/** By hop, as text; null = one that keeps silent. */
export type Route = Array<string | null>;

interface Attempt {
  fd: number;
  hops: number;
}

/**
 * As far as anybody tells; ends with the target when it answers. Null where this machine may not ask (the way of a ping
 * socket, then that of a raw one), or nobody tells anything. Takes a second.
 */
export async function routeTo(address: string): Promise<Route | null> {
  if (process.platform !== 'linux') return null;
  const libc = await import('./libc.ts');
  const { closeSocket } = await import('../net/libc.ts');
  const { limitHops, receiveError } = await import('./errors.ts');
  const family = isIPv6(address) ? 6 : 4;
  const { socketAddress } = await import('../net/socketAddress.ts');
  const to = socketAddress(address, family);
  const way = (['dgram', 'raw'] as const).find((each) => {
    const fd = libc.openSocket(family, each);
    if (typeof fd === 'number') closeSocket(fd);
    return typeof fd === 'number';
  });
  if (to === null || way === undefined) return null;
  const mark: Mark = { id: randomBytes(2).readUInt16BE(), nonce: randomBytes(8) };
  const attempts: Attempt[] = [];
  try {
    for (let hops = 1; hops <= MAX_HOPS; hops++) {
      const fd = libc.openSocket(family, way);
      if (typeof fd !== 'number') return null;
      attempts.push({ fd, hops });
      if (!limitHops(fd, family, hops)) return null;
      const packet = Buffer.alloc(HEADER_BYTES + DATA_BYTES);
      writeEcho(packet, family, mark, hops);
      libc.send(fd, packet, to);
    }
    await after(PATIENCE_MS);
    const isRaw = way === 'raw';
    const route: Route = [];
    for (const { fd, hops } of attempts) {
      for (let end = libc.receive(fd); end >= 0; end = libc.receive(fd)) {
        const bytes = libc.inbox;
        const start = isRaw && family === 4 ? afterIPv4Header(bytes, end) : 0;
        if (readReply({ bytes, start, end }, family, mark, isRaw) === hops) {
          return [...route, address];
        }
      }
      let said: string | null = null;
      for (let error = receiveError(fd); error; error = receiveError(fd)) {
        const { quoted, from } = error;
        const isOurs = quoted.length >= 8 && quoted.readUInt16BE(6) === hops;
        if (isOurs && (!isRaw || quoted.readUInt16BE(4) === mark.id)) said = textOf(from) ?? said;
      }
      route.push(said);
    }
    const last = route.findLastIndex((each) => each !== null);
    return last === -1 ? null : route.slice(0, last + 1);
  } finally {
    for (const { fd } of attempts) closeSocket(fd);
  }
}

function textOf(bytes: Buffer): string | null {
  if (bytes.length === 4) return [...bytes].join('.');
  if (bytes.length !== 16) return null;
  const words = Array.from({ length: 8 }, (_, n) => bytes.readUInt16BE(2 * n).toString(16));
  return new URL(`http://[${words.join(':')}]/`).hostname.slice(1, -1);
}
