import { refusalOf } from '../guard/probing.ts';
import { fping, ping, works } from './commands.ts';
import type { SocketWay } from './engine.ts';
import { startNative } from './native.ts';
import type { Ping } from './ping.ts';

export type IcmpWay = { name: SocketWay | 'fping' | 'ping'; ping: Ping };

/** A machine that could not is asked again after this long: somebody may have mended it. */
const RETRY_MS = 60_000;

let chosen: Promise<IcmpWay | string> | null = null;
let refusedAt = 0;

/** How ICMP is sent here, found out once; a string says why no way works. */
export async function icmpWay(): Promise<IcmpWay | string> {
  chosen ??= choose();
  const way = await chosen;
  if (typeof way !== 'string') return way;
  if (refusedAt === 0) refusedAt = performance.now();
  if (performance.now() - refusedAt > RETRY_MS) forget();
  return way;
}

async function choose(): Promise<IcmpWay | string> {
  const native = await startNative();
  if (typeof native !== 'string') return { name: native.way, ping: permitted(native.ping) };
  if (await works(fping)) return { name: 'fping', ping: permitted(fping) };
  if (await works(ping)) return { name: 'ping', ping: permitted(ping) };
  return `no right to open an ICMP socket (${native}), and neither fping nor ping works`;
}

/** Asks only the addresses that the probe may talk to; for the others the error is "EACCES". */
function permitted(ping: Ping): Ping {
  return async (order) => {
    if (order.addresses.every(({ address }) => refusalOf(address) === null)) return ping(order);
    const addresses = order.addresses.filter(({ address }) => refusalOf(address) === null);
    const asked = addresses.length === 0 ? [] : await ping({ ...order, addresses });
    return order.addresses.map(({ address }) => {
      const refused = {
        address,
        sent: 0,
        received: 0,
        rttUs: null,
        jitterUs: null,
        error: 'EACCES',
      };
      return asked.find((echoes) => echoes.address === address) ?? refused;
    });
  };
}

function forget(): void {
  chosen = null;
  refusedAt = 0;
}
