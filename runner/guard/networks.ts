// Which addresses this runner may talk to. An address is judged as the machine it leads to: one IPv6 address may wrap
// an IPv4 one, and the unspecified address is this machine.
import { BlockList } from 'node:net';
import { isIPv4, isIPv6 } from '#core/checks/kind.ts';

export interface Network {
  address: string;
  bits: number;
  family: 'ipv4' | 'ipv6';
}

/** Link-local IPv4 and where clouds tell a machine its own credentials: denied unless allowed by a network within. */
const METADATA = [
  '169.254.0.0/16',
  'fe80::a9fe:a9fe/128',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
  '100.100.100.200/32',
].map((text) => parseNetwork(text) as Network);

/** "10.0.0.0/8", "2001:db8::/32", or one address; null when it cannot be read. */
export function parseNetwork(text: string): Network | null {
  const [address = '', bits, ...rest] = text.trim().split('/');
  if (rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return null;
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : null;
  if (family === null || address.includes('%')) return null;
  const most = family === 'ipv4' ? 32 : 128;
  const size = bits === undefined ? most : Number(bits);
  return size > most ? null : { address, bits: size, family };
}

/** Addresses whose judgement is kept: a runner asks for the same few again and again. */
const KEEP = 20_000;

export class Networks {
  /** Null = every network. */
  readonly #allowed: BlockList | null;
  readonly #denied: BlockList;
  readonly #metadata: BlockList;
  readonly #metadataAllowed: BlockList;
  readonly #known = new Map<string, string | null>();

  constructor(given: { allow: readonly Network[]; deny: readonly Network[] }) {
    this.#allowed = given.allow.length > 0 ? listOf(given.allow) : null;
    this.#denied = listOf(given.deny);
    this.#metadata = listOf(METADATA);
    this.#metadataAllowed = listOf(given.allow.filter(isWithinMetadata));
  }

  /** Why the runner may not talk to this address, in words that go after it; null = it may. */
  refusal(address: string): string | null {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const refusal = this.#judge(address);
    if (this.#known.size >= KEEP) this.#known.clear();
    this.#known.set(address, refusal);
    return refusal;
  }

  #judge(address: string): string | null {
    const faces = facesOf(address);
    const isIn = (list: BlockList) => faces.some((face) => list.check(...face));
    if (isIn(this.#denied)) return "is in a network that this runner's file denies";
    if (isIn(this.#metadata) && !isIn(this.#metadataAllowed)) {
      return "is link-local or a cloud's metadata address, denied unless this runner's file allows it by name";
    }
    if (this.#allowed && !isIn(this.#allowed)) {
      return "is in none of the networks that this runner's file allows";
    }
    return null;
  }
}

/** What holds where no file says otherwise. */
export const DEFAULT_NETWORKS = new Networks({ allow: [], deny: [] });

/** Networks that are somebody's own: private, shared, loopback, link-local and unspecified addresses. */
const PRIVATE = listOf(
  [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '::/128',
    '::1/128',
    'fc00::/7',
    'fe80::/10',
  ].map((text) => parseNetwork(text) as Network),
);

/** Whether an address is of a network that is somebody's own, also when another one wraps it. */
export function isPrivate(address: string): boolean {
  return facesOf(address).some((face) => PRIVATE.check(...face));
}

function listOf(networks: readonly Network[]): BlockList {
  const list = new BlockList();
  for (const { address, bits, family } of networks) list.addSubnet(address, bits, family);
  return list;
}

function isWithinMetadata(network: Network): boolean {
  return METADATA.some(
    (denied) =>
      network.bits >= denied.bits && listOf([denied]).check(network.address, network.family),
  );
}

type Face = [address: string, family: 'ipv4' | 'ipv6'];

/** An address and the IPv4 address it wraps, if any. */
function facesOf(address: string): Face[] {
  if (address === '0.0.0.0')
    return [
      [address, 'ipv4'],
      ['127.0.0.1', 'ipv4'],
    ];
  if (!address.includes(':')) return [[address, 'ipv4']];
  const bare = address.split('%')[0] ?? '';
  const words = wordsOf(bare);
  if (words.every((word) => word === 0))
    return [
      ['::1', 'ipv6'],
      ['::', 'ipv6'],
    ];
  const wrapped = wrappedIPv4(words);
  if (wrapped === null) return [[bare, 'ipv6']];
  // A mapped address goes out as IPv4 and nothing else.
  return isMapped(words)
    ? [[wrapped, 'ipv4']]
    : [
        [bare, 'ipv6'],
        [wrapped, 'ipv4'],
      ];
}

/** The eight 16-bit words of an IPv6 address. */
function wordsOf(address: string): number[] {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const read = (part: string) =>
    part === '' ? [] : part.split(':').map((word) => parseInt(word, 16));
  const start = read(head);
  const end = tail === undefined ? [] : read(tail);
  return [...start, ...new Array<number>(8 - start.length - end.length).fill(0), ...end];
}

function isMapped(words: readonly number[]): boolean {
  return words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;
}

/** The IPv4 address in a mapped, compatible, NAT64 or 6to4 address. */
function wrappedIPv4(words: readonly number[]): string | null {
  const [first, second] = words;
  const middle = words.slice(2, 6).every((word) => word === 0);
  if (isMapped(words)) return dotted(words, 6);
  if (first === 0x64 && second === 0xff9b && middle) return dotted(words, 6);
  if (first === 0x2002) return dotted(words, 1);
  const compatible = first === 0 && second === 0 && middle && words[6] !== 0;
  return compatible ? dotted(words, 6) : null;
}

function dotted(words: readonly number[], at: number): string {
  return [words[at] ?? 0, words[at + 1] ?? 0].flatMap((word) => [word >> 8, word & 0xff]).join('.');
}
