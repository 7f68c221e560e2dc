import { isIP } from 'node:net';
import { type Deadline, microsSince } from '../deadline.ts';
import { codeOf, exhausted, Failure, isExhausted, messageOf } from '../failure.ts';
import { leaveNothing, refusalOf, seenHere } from '../guard/probing.ts';
import { type Found, lookUp, wasLate } from './lookup.ts';
import { resolverWorks } from './resolver.ts';

/** After this long without an answer the resolver itself is looked at, so that the reason is known at the deadline. */
const SUSPICIOUS_MS = 1500;

export type FamilyChoice = 'any' | '4' | '6';

export interface Address {
  address: string;
  family: 4 | 6;
}

export interface Resolved {
  /** In the order the system would try them; never empty. */
  addresses: Address[];
  /** Absent when the host was an address already. */
  dnsUs?: number;
}

/**
 * The addresses of a name, or of itself when it is one, that this runner may talk to. A dead resolver is `unable`, a
 * missing name is the target's.
 */
export function resolve(
  host: string,
  family: FamilyChoice,
  deadline: Deadline,
): Resolved | Failure | Promise<Resolved | Failure> {
  leaveNothing();
  const literal = isIP(host);
  return literal === 0
    ? find(host, family, deadline).then((found) => reachable(host, found))
    : reachable(host, itself(host, literal, family));
}

function itself(host: string, literal: number, family: FamilyChoice): Resolved | Failure {
  if (family === 'any' || Number(family) === literal) {
    return { addresses: [{ address: host, family: literal === 6 ? 6 : 4 }] };
  }
  return new Failure('dns.not_found', `${host} is not an IPv${family} address`);
}

function reachable(host: string, resolved: Resolved | Failure): Resolved | Failure {
  if (resolved instanceof Failure) return resolved;
  const seen = seenHere();
  if (seen) seen.addresses = resolved.addresses;
  return permitted(host, resolved);
}

/** Addresses that are not permitted are passed over as if the name did not have them; with no other it is refused. */
function permitted(host: string, resolved: Resolved): Resolved | Failure {
  if (resolved.addresses.every(({ address }) => refusalOf(address) === null)) return resolved;
  const refused = resolved.addresses.map(({ address }) => refusalOf(address));
  const [first] = refused.filter((each) => each !== null);
  if (!first) return resolved;
  const addresses = resolved.addresses.filter((_, index) => refused[index] === null);
  if (addresses.length > 0) return { ...resolved, addresses };
  return isIP(host) ? first : new Failure(first.code, `${host}: ${first.text}`);
}

async function find(
  host: string,
  family: FamilyChoice,
  deadline: Deadline,
): Promise<Resolved | Failure> {
  const startedAt = performance.now();
  const suspicion = suspect(deadline);
  try {
    const found = await Promise.race([lookUp(host, family, deadline.leftMs()), suspicion.expired]);
    if (found === 'expired') {
      wasLate(host, family);
      return await late(host, suspicion, deadline);
    }
    return { addresses: distinct(found), dnsUs: microsSince(startedAt) };
  } catch (error) {
    return await unresolved(host, family, error, suspicion, deadline);
  } finally {
    suspicion.clear();
  }
}

interface Suspicion {
  expired: Promise<'expired'>;
  /** What was found out about the resolver; null when nothing was asked. */
  works: () => Promise<boolean> | null;
  clear: () => void;
}

function suspect(deadline: Deadline): Suspicion {
  let works: Promise<boolean> | null = null;
  let expiry: NodeJS.Timeout | undefined;
  const left = deadline.leftMs();
  const doubt = setTimeout(
    () => {
      works = resolverWorks(Math.max(1, deadline.leftMs() * 0.8));
    },
    Math.min(SUSPICIOUS_MS, left / 3),
  );
  const expired = new Promise<'expired'>((done) => {
    expiry = setTimeout(() => done('expired'), left);
  });
  const clear = () => {
    clearTimeout(doubt);
    clearTimeout(expiry);
  };
  return { expired, works: () => works, clear };
}

async function late(host: string, suspicion: Suspicion, deadline: Deadline): Promise<Failure> {
  if ((await suspicion.works()) === false) return deadResolver(host);
  return new Failure('dns.timeout', `${host} did not resolve within ${deadline.timeoutMs} ms`);
}

async function unresolved(
  host: string,
  family: FamilyChoice,
  error: unknown,
  suspicion: Suspicion,
  deadline: Deadline,
): Promise<Failure> {
  if (isExhausted(error)) return exhausted(error);
  const code = codeOf(error);
  if (code === 'ENOTFOUND' || code === 'ENODATA') {
    const wanted = family === 'any' ? '' : ` to an IPv${family} address`;
    return new Failure('dns.not_found', `${host} does not resolve${wanted}`);
  }
  if (code === 'ETIMEOUT') return late(host, suspicion, deadline);
  // "Try again" is said both by a resolver that reaches nobody and of a name whose own servers are broken.
  const isEither = code === 'EAI_AGAIN' || code === 'ESERVFAIL';
  if (isEither && !(await resolverWorks(Math.max(1, deadline.leftMs())))) {
    return deadResolver(host);
  }
  return new Failure('dns.failed', `${host}: ${messageOf(error)}`);
}

function deadResolver(host: string): Failure {
  return new Failure('unable.resolver', `no resolver answered for ${host}`);
}

function distinct(found: Found): Address[] {
  const byAddress = new Map<string, Address>();
  for (const { address, family } of found) {
    byAddress.set(address, { address, family: family === 6 ? 6 : 4 });
  }
  return [...byAddress.values()];
}
