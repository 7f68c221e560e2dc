// Addresses as the kernel writes them (`sockaddr_in`, `sockaddr_in6`); Linux only.
import { AF_INET, AF_INET6, libc } from './libc.ts';

const PORT_AT = 2;
/** Of these many addresses the kernel's writing is kept: the same ones are asked again and again. */
const KEEP = 20_000;

const inetPton = libc.func('int inet_pton(int, const char *, void *)') as (
  family: number,
  text: string,
  into: Buffer,
) => number;
const ifNameToIndex = libc.func('unsigned int if_nametoindex(const char *)') as (
  name: string,
) => number;

/** The address within a socket address, for comparing: as text, since a buffer for each would cost more than a ping. */
export function addressKey(socketAddress: Buffer, family: 4 | 6): string {
  return family === 4
    ? socketAddress.toString('latin1', 4, 8)
    : socketAddress.toString('latin1', 8, 24);
}

const pointed = { 4: emptyAddress(4), 6: emptyAddress(6) };

/** The socket address that an `addressKey` was taken from; the next call of its family writes over it. */
export function socketAddressOf(key: string, family: 4 | 6): Buffer {
  const address = pointed[family];
  address.write(key, family === 4 ? 4 : 8, 'latin1');
  return address;
}

function emptyAddress(family: 4 | 6): Buffer {
  const bytes = Buffer.alloc(family === 4 ? 16 : 28);
  bytes.writeUInt16LE(family === 4 ? AF_INET : AF_INET6, 0);
  return bytes;
}

/** A `sockaddr_in` or `sockaddr_in6`; null when the text is no address. */
export function socketAddress(address: string, family: 4 | 6): Buffer | null {
  const [plain = '', zone] = address.split('%');
  const bytes = emptyAddress(family);
  const at = family === 4 ? 4 : 8;
  if (inetPton(family === 4 ? AF_INET : AF_INET6, plain, bytes.subarray(at)) !== 1) return null;
  if (zone !== undefined) bytes.writeUInt32LE(Number(zone) || ifNameToIndex(zone), 24);
  return bytes;
}

const keys = new Map<string, string>();

/** What `addressKey` makes of an address given as text; null when it is none. */
export function keyOf(address: string, family: 4 | 6): string | null {
  const known = keys.get(address);
  if (known !== undefined) return known;
  const bytes = socketAddress(address, family);
  if (!bytes) return null;
  const key = addressKey(bytes, family);
  if (keys.size >= KEEP) keys.clear();
  keys.set(address, key);
  return key;
}

/** Where to send; the next call of its family writes over it. Null when the text is no address. */
export function destination(address: string, family: 4 | 6, port = 0): Buffer | null {
  const key = keyOf(address, family);
  if (key === null) return null;
  // The number of an interface is not in the key, and may change.
  const bytes = address.includes('%')
    ? socketAddress(address, family)
    : socketAddressOf(key, family);
  bytes?.writeUInt16BE(port, PORT_AT);
  return bytes;
}
