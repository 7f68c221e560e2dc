// The default gateway, as the kernel has it (Linux; elsewhere there is none to look at).
import { readFile } from 'node:fs/promises';
import { Deadline } from '../deadline.ts';
import { icmpWay } from '../icmp/way.ts';
import type { Canary } from './canary.ts';
import { reached } from './outside.ts';

const ROUTES = '/proc/net/route';
/** Where routers listen, for those that do not answer pings: a refusal is an answer too. */
const PORTS = [53, 80, 443];

export async function gatewayCanaries(): Promise<Canary[]> {
  const address = gatewayOf(await readFile(ROUTES, 'utf8').catch(() => ''));
  if (address === null) return [];
  return [{ name: `gateway ${address}`, far: false, ask: (timeoutMs) => look(address, timeoutMs) }];
}

/** The gateway of the default route with the lowest metric in `/proc/net/route`; null = none. */
export function gatewayOf(table: string): string | null {
  const routes = table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, to, via, , , , metric, mask]) => {
      return to === '00000000' && mask === '00000000' && via !== '00000000' && metric !== undefined;
    })
    .sort((a, b) => Number(a[6]) - Number(b[6]));
  const [, , hex = ''] = routes[0] ?? [];
  if (!/^[0-9A-Fa-f]{8}$/.test(hex)) return null;
  // As the kernel holds it: on the machines we know, the last byte first.
  return [6, 4, 2, 0].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
}

/** By an echo request and by connecting, whichever answers. */
async function look(address: string, timeoutMs: number): Promise<boolean> {
  const deadline = new Deadline(timeoutMs);
  const addresses = [{ address, family: 4 as const }];
  const asked = [
    pinged(addresses, timeoutMs),
    ...PORTS.map((port) => reached(addresses, port, deadline)),
  ];
  return Promise.any(asked.map((each) => each.then(orThrow))).catch(() => false);
}

async function pinged(
  addresses: Array<{ address: string; family: 4 }>,
  timeoutMs: number,
): Promise<boolean> {
  const way = await icmpWay();
  if (typeof way === 'string') return false;
  const echoes = await way.ping({ addresses, count: 2, gapMs: 200, timeoutMs });
  return echoes.some(({ received }) => received > 0);
}

function orThrow(answered: boolean): true {
  if (!answered) throw new Error('no answer');
  return true;
}
