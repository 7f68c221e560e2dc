// Whom a check asks.
import { getServers } from 'node:dns';
import type { Resolver } from '#core/checks/dns.ts';
import { splitHostPort } from '#core/checks/kind.ts';
import type { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { beyondLimits, leaveNothing } from '../guard/probing.ts';
import { type Address, type FamilyChoice, resolve } from '../net/resolve.ts';
import { ask, foremost, type Server } from './ask.ts';
import type { Query } from './message.ts';
import type { Asked } from './udp.ts';

const DNS = 53;

/** An answer, and who gave it. */
export interface Told extends Asked {
  from: string;
  /** Finding the server's own address, where it had to be found. */
  dnsUs?: number;
}

/** Asks the server that a check names: when it does not answer, that is what the check is about. */
export async function askNamed(
  resolver: Resolver,
  family: FamilyChoice,
  query: Query,
  deadline: Deadline,
): Promise<Told | Failure> {
  const resolved = await resolve(resolver.host, family, deadline);
  leaveNothing();
  if (resolved instanceof Failure) return resolved;
  const { addresses, dnsUs } = resolved;
  const asked = await ask({ ...resolver, addresses }, query, deadline);
  if (asked instanceof Failure) return asked;
  return { ...asked, from: nameOf(resolver), ...(dnsUs !== undefined && { dnsUs }) };
}

/** Asks the runner's own resolvers, one after the other; when none answers, the runner is unable. */
export async function askOwn(query: Query, deadline: Deadline): Promise<Told | Failure> {
  const servers = ownResolvers();
  const failures: Failure[] = [];
  for (const [index, server] of servers.entries()) {
    const share = deadline.share(servers.length - index);
    const asked = await beyondLimits(() => ask(server, query, share));
    if (!(asked instanceof Failure)) return { ...asked, from: nameOf(server) };
    failures.push(asked);
  }
  const { code, text } = foremost(failures);
  return new Failure(code === 'unable.resources' ? code : 'unable.resolver', text);
}

function ownResolvers(): Server[] {
  return getServers().map((text) => {
    const { host, port } = splitHostPort(text) ?? { host: text, port: DNS };
    const address: Address = { address: host, family: host.includes(':') ? 6 : 4 };
    return { transport: 'udp', host, port, path: '', addresses: [address] };
  });
}

function nameOf({ transport, host, port, path }: Resolver): string {
  const place = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return transport === 'udp' ? place : `${transport}://${place}${path}`;
}
