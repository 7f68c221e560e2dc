// A host and port beyond this machine: whoever accepts or refuses a connection there has been reached.
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { dial } from '../net/dial.ts';
import { hostPort } from '../net/race.ts';
import { type Address, resolve } from '../net/resolve.ts';
import type { Canary } from './canary.ts';
import { isOfThisSite } from './site.ts';

export interface HostPort {
  host: string;
  port: number;
}

/** Answers of a machine that is there, if not willing. */
const THERE = new Set(['connect.refused', 'connect.reset']);

export function outsideCanary(what: string, { host, port }: HostPort): Canary {
  return {
    name: `${what} ${hostPort(host, port)}`,
    far: isIP(host) === 0 || !isOfThisSite(host),
    async ask(timeoutMs) {
      const deadline = new Deadline(timeoutMs);
      const resolved = await resolve(host, 'any', deadline);
      if (resolved instanceof Failure) return false;
      if (resolved.addresses.every(isThisMachine)) return null;
      return reached(resolved.addresses, port, deadline);
    },
  };
}

/** Something answered at one of the addresses, be it with a refusal. */
export async function reached(
  addresses: readonly Address[],
  port: number,
  deadline: Deadline,
): Promise<boolean> {
  const dialled = await dial(addresses, port, deadline);
  if (dialled instanceof Failure) return THERE.has(dialled.code);
  dialled.socket.on('error', () => {}).resetAndDestroy();
  return true;
}

function isThisMachine({ address }: Address): boolean {
  if (address.startsWith('127.') || address === '::1') return true;
  return Object.values(networkInterfaces())
    .flat()
    .some((own) => own?.address === address);
}
