import { refusalOf } from '../guard/probing.ts';
import type { Address } from '../net/resolve.ts';
import { fping, ping, works } from './commands.ts';
import type { SocketWay } from './engine.ts';
import { startNative } from './native.ts';
import type { Echoes, Ping, PingOrder } from './ping.ts';

export type IcmpWay = { name: SocketWay | 'fping' | 'ping'; ping: Ping };

/** A machine that could not is asked again after this long: somebody may have mended it. */
const RETRY_MS = 60_000;

let found: IcmpWay | null = null;
let choosing: Promise<IcmpWay | string> | null = null;
let refusedAt = 0;

/** How ICMP is sent here, found out once; a string says why no way works. */
export function icmpWay(): IcmpWay | Promise<IcmpWay | string> {
  if (found) return found;
  choosing ??= choose();
  return choosing.then((way) => {
    if (typeof way !== 'string') found = way;
    else {
      if (refusedAt === 0) refusedAt = performance.now();
      if (performance.now() - refusedAt > RETRY_MS) forget();
    }
    return way;
  });
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
  return (order) => (order.addresses.every(isPermitted) ? ping(order) : askPermitted(ping, order));
}

function isPermitted({ address }: Address): boolean {
  return refusalOf(address) === null;
}

async function askPermitted(ping: Ping, order: PingOrder): Promise<Echoes[]> {
  const addresses = order.addresses.filter(isPermitted);
  const asked = addresses.length === 0 ? [] : await ping({ ...order, addresses });
  const none = { sent: 0, received: 0, rttUs: null, jitterUs: null, error: 'EACCES' };
  return order.addresses.map(
    ({ address }) => asked.find((echoes) => echoes.address === address) ?? { address, ...none },
  );
}

function forget(): void {
  choosing = null;
  refusedAt = 0;
}
