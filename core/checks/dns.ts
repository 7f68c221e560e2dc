import * as z from 'zod';
import {
  type CheckKind,
  degradedAfter,
  family,
  isHost,
  isIPv4,
  isIPv6,
  splitHostPort,
} from './kind.ts';

/** Types with a name of their own; any other is written TYPE and its number (RFC 3597). */
export const RECORD_TYPES = [
  ...['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT', 'SOA', 'PTR', 'SRV', 'CAA', 'TLSA', 'DS', 'DNSKEY'],
  ...['DNAME', 'HTTPS', 'SVCB', 'NAPTR', 'SSHFP', 'HINFO', 'LOC', 'URI', 'CDS', 'CDNSKEY', 'SPF'],
] as const;

export const TRANSPORTS = ['udp', 'tcp', 'tls', 'https'] as const;

export type Transport = (typeof TRANSPORTS)[number];

/** A name server to ask. */
export interface Resolver {
  transport: Transport;
  host: string;
  port: number;
  /** Of DNS over HTTPS; else "". */
  path: string;
}

const PORTS: Record<Transport, number> = { udp: 53, tcp: 53, tls: 853, https: 443 };

const LABELS = /^(?=.{1,254}$)(?:[a-z0-9_*-]{1,63}\.)*[a-z0-9_*-]{1,63}\.?$/i;

function isDnsName(text: string): boolean {
  return text === '.' || LABELS.test(text) || isIPv6(text);
}

function isRecordType(text: string): boolean {
  const name = text.toUpperCase();
  return (RECORD_TYPES as readonly string[]).includes(name) || /^TYPE\d{1,5}$/.test(name);
}

/** "192.0.2.53", "ns1.example.org:5353", "tcp://…", "tls://…" or "https://dns.example/dns-query"; null when it is none. */
export function parseResolver(text: string): Resolver | null {
  const [, scheme = 'udp', rest = ''] = /^(?:(udp|tcp|tls|https):\/\/)?(.*)$/i.exec(text) ?? [];
  const transport = scheme.toLowerCase() as Transport;
  const slash = rest.indexOf('/');
  const authority = slash === -1 ? rest : rest.slice(0, slash);
  const path = slash === -1 ? '' : rest.slice(slash);
  if (transport === 'https' ? /[^\x21-\x7e]/.test(path) : path.length > 1) return null;
  const bare = authority.replace(/^\[(.*)\]$/, '$1');
  const endpoint =
    splitHostPort(authority) ?? (isHost(bare) ? { host: bare, port: PORTS[transport] } : null);
  return (
    endpoint && { transport, ...endpoint, path: transport === 'https' ? path || '/dns-query' : '' }
  );
}

interface Target {
  name: string;
  type: string | null;
  resolver: string | null;
}

/** RFC 4501: `dns:name`, `dns://server/name?type=MX`; a bare name too. */
function parseTarget(text: string): Target | null {
  const match = /^(?:dns:)?(?:\/\/([^/?]*)\/)?([^/?]+)(?:\?type=([a-z0-9]+))?$/i.exec(text);
  const [, server = '', name = '', type] = match ?? [];
  if (!isDnsName(name) || (type !== undefined && !isRecordType(type))) return null;
  if (server !== '' && parseResolver(server) === null) return null;
  return { name, type: type?.toUpperCase() ?? null, resolver: server || null };
}

const FURTHER = { section: 'Further demands' };

const list = (title: string, description: string) =>
  z.array(z.string().min(1).max(1024)).max(50).default([]).meta({ title, description });

const seconds = (title: string) =>
  z
    .int()
    .min(0)
    .max(0x7fff_ffff)
    .optional()
    .meta({ title, ...FURTHER });

const fields = z.object({
  target: z
    .string()
    .trim()
    .transform((text) => `dns:${text.replace(/^dns:/i, '')}`)
    .refine((text) => parseTarget(text) !== null, {
      message: 'must be a name like "example.org", or "dns://server/example.org?type=MX"',
    })
    .meta({ title: 'Name', placeholder: 'example.org' }),
  type: z
    .string()
    .trim()
    .toUpperCase()
    .refine(isRecordType, { message: `must be one of ${RECORD_TYPES.join(', ')} or like TYPE65` })
    .default('A')
    .meta({ title: 'Record type', description: 'unless the target says ?type=' }),
  resolver: z
    .string()
    .trim()
    .refine((text) => parseResolver(text) !== null, {
      message: 'must be like "192.0.2.53", "tcp://…", "tls://…" or "https://dns.example/dns-query"',
    })
    .optional()
    .meta({
      title: 'Name server',
      description: "unless the target says //server/; empty asks the runner's own resolvers",
      placeholder: '192.0.2.53',
    }),
  rcode: z
    .enum(['NOERROR', 'NODATA', 'NXDOMAIN', 'SERVFAIL', 'REFUSED', 'NOTIMP', 'FORMERR'])
    .default('NOERROR')
    .meta({ title: 'Expected answer', description: 'NODATA: the name, but no such record' }),
  expect: list('Expected values', 'one a line, as dig +short shows them'),
  compare: z.enum(['exactly', 'all of', 'any of']).default('exactly').meta({
    title: 'The answer has',
    description: 'exactly those values, all of them and maybe more, or any of them',
  }),
  expectMatch: z
    .string()
    .max(1000)
    .refine(isRegex, { message: 'is not a valid regular expression' })
    .optional()
    .meta({ title: 'A value matches', description: 'a regular expression', ...FURTHER }),
  forbid: list('Forbidden values', 'one a line; none of them may be in the answer').meta(FURTHER),
  minTtl: seconds('Shortest time to live in seconds'),
  maxTtl: seconds('Longest time to live in seconds'),
  requireAd: z
    .boolean()
    .default(false)
    .meta({
      title: 'Must be validated by DNSSEC',
      description: 'the resolver sets the AD flag',
      ...FURTHER,
    }),
  sameSerial: z
    .boolean()
    .default(false)
    .meta({
      title: 'Name servers agree',
      description: 'each one of the zone answers, with the same SOA serial',
      ...FURTHER,
    }),
  family,
  degradedAfter,
});

function isRegex(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
}

/** A DNS question and what its answer must be. RTT is the exchange with the server that answered. */
export type DnsSpec = z.output<typeof fields>;

/** What is asked, and whom; null = the runner's own resolvers. The target goes before the fields. */
export function dnsQuestion(spec: DnsSpec): {
  name: string;
  type: string;
  resolver: Resolver | null;
} {
  const target = parseTarget(spec.target);
  if (!target) throw new Error(`"${spec.target}" is no DNS target`);
  const type = target.type ?? spec.type;
  const resolver = target.resolver ?? spec.resolver;
  return {
    name: type === 'PTR' ? reversed(target.name) : target.name,
    type,
    resolver: resolver === undefined ? null : parseResolver(resolver),
  };
}

/** An address as the name under which PTR records have it. */
function reversed(name: string): string {
  if (isIPv4(name)) return `${name.split('.').toReversed().join('.')}.in-addr.arpa`;
  if (!isIPv6(name)) return name;
  const groups = new URL(`http://[${name}]/`).hostname.slice(1, -1);
  const [head = '', tail] = groups.split('::');
  const [before, after] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean));
  const zeros = new Array<string>(8 - (before?.length ?? 0) - (after?.length ?? 0)).fill('0');
  const all = [...(before ?? []), ...(tail === undefined ? [] : zeros), ...(after ?? [])];
  const digits = all.map((group) => group.padStart(4, '0')).join('');
  return `${[...digits].toReversed().join('.')}.ip6.arpa`;
}

export const dns: CheckKind<DnsSpec> = {
  title: 'DNS',
  subject: 'target',
  schema: fields,
  fields,
  infer: (text) =>
    /^dns:/i.test(text) && parseTarget(text) ? `dns:${text.replace(/^dns:/i, '')}` : null,
  addressOf: (spec) => dnsQuestion(spec).resolver?.host ?? null,
};
