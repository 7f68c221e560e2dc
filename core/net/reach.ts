// Which machines the worker may look at: public ones, and the networks its operator allows. An address is judged as the
// machine it leads to: one IPv6 address may wrap an IPv4 one, and one IPv4 address has many spellings.
import { isIPv4, isIPv6 } from '../checks/kind.ts';

export interface Network {
  bytes: readonly number[];
  bits: number;
}

/** "10.0.0.0/8", "2001:db8::/32", or one address; null when it cannot be read. */
export function parseNetwork(text: string): Network | null {
  const [address = '', size, ...rest] = text.trim().split('/');
  const bytes = bytesOf(address);
  if (rest.length > 0 || bytes === null || address.includes('%')) return null;
  if (size !== undefined && !/^\d{1,3}$/.test(size)) return null;
  const bits = size === undefined ? bytes.length * 8 : Number(size);
  return bits > bytes.length * 8 ? null : { bytes, bits };
}

/** Not of the public internet: this network, private, shared, loopback, link-local, documentation, benchmarks, groups, reserved. */
const APART_4 = networks(
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24',
  '192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4',
);
/** All of the public internet that there is in IPv6, and what of it is not: Teredo, benchmarks, ORCHID, documentation. */
const PUBLIC_6 = networks('2000::/3');
const APART_6 = networks('2001::/32 2001:2::/48 2001:10::/28 2001:20::/28 2001:db8::/32 3fff::/20');

function networks(...lines: string[]): Network[] {
  return lines.flatMap((line) => line.split(' ')).map((text) => parseNetwork(text) as Network);
}

/** Why the worker may not look at this address, in words that go after it; null = it may. */
export function addressRefusal(address: string, allowed: readonly Network[] = []): string | null {
  const whole = bytesOf(address);
  if (whole === null) return 'is no address';
  const bytes = wrappedIn(whole) ?? whole;
  if (allowed.some((network) => contains(network, bytes))) return null;
  const isPublic =
    bytes.length === 4
      ? !APART_4.some((network) => contains(network, bytes))
      : contains(PUBLIC_6[0] as Network, bytes) &&
        !APART_6.some((network) => contains(network, bytes));
  return isPublic ? null : 'is not a public address';
}

/** Names that mean something else on every network. */
const LOCAL_NAME =
  /(^|\.)(localhost|local|localdomain|internal|intranet|lan|home|corp|private|test|invalid|onion|home\.arpa)$/;

/**
 * The same for a host as it is written: a literal in any spelling ("0x7f.1", "2130706433"), or a name. What a name leads
 * to is for whoever resolves it to judge.
 */
export function hostRefusal(host: string, allowed: readonly Network[] = []): string | null {
  const name = canonicalHost(host);
  if (name === null) return 'is no name and no address';
  if (isIPv4(name) || isIPv6(name)) return addressRefusal(name, allowed);
  if (allowed.length > 0) return null;
  if (!name.includes('.') || LOCAL_NAME.test(name)) return 'is not a public name';
  return null;
}

/** As a browser would read it: numbers become addresses, letters small; without brackets and the last dot. Null = it would not. */
export function canonicalHost(host: string): string | null {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const url = URL.parse(`http://${isIPv6(bare) ? `[${bare.split('%')[0]}]` : bare}/`);
  if (url === null || url.username !== '' || url.port !== '' || url.pathname !== '/') return null;
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '') || null;
}

function contains({ bytes, bits }: Network, address: readonly number[]): boolean {
  if (bytes.length !== address.length) return false;
  return bytes.every((byte, index) => {
    const shift = 8 - Math.min(8, Math.max(0, bits - index * 8));
    return byte >> shift === (address[index] ?? 0) >> shift;
  });
}

/** 4 or 16 bytes; null when it is no address. */
function bytesOf(address: string): number[] | null {
  if (isIPv4(address)) return address.split('.').map(Number);
  if (!isIPv6(address)) return null;
  const canonical = new URL(`http://[${address.split('%')[0]}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const read = (part: string) =>
    part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16));
  const [start, end] = [read(head), tail === undefined ? [] : read(tail)];
  const middle = new Array<number>(8 - start.length - end.length).fill(0);
  return [...start, ...middle, ...end].flatMap((word) => [word >> 8, word & 0xff]);
}

/** The IPv4 address in a mapped, NAT64 or 6to4 address; null = there is none. */
function wrappedIn(bytes: readonly number[]): number[] | null {
  if (bytes.length === 4) return null;
  const starts = (...words: number[]) => words.every((byte, index) => bytes[index] === byte);
  const zeros = (from: number, to: number) => bytes.slice(from, to).every((byte) => byte === 0);
  if (zeros(0, 10) && bytes[10] === 0xff && bytes[11] === 0xff) return bytes.slice(12);
  if (starts(0, 0x64, 0xff, 0x9b) && zeros(4, 12)) return bytes.slice(12);
  return starts(0x20, 0x02) ? bytes.slice(2, 6) : null;
}
