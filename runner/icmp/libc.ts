// The few calls of the C library that sending ICMP takes; Linux only.
import { type Call, lastError, libc, openSocketOf, SOL_SOCKET, setsockopt } from '../net/libc.ts';
import { addressKey } from '../net/socketAddress.ts';
import { readTimespecUs, timespec } from '../net/stamp.ts';

const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;
const SO_RCVBUF = 8;
const SOL_RAW = 255;
const ICMP_FILTER = 1;
const ICMP6_FILTER = 1;
const IPPROTO_IP = 0;
const IP_MTU_DISCOVER = 10;
const IPPROTO_IPV6 = 41;
const IPV6_MTU_DISCOVER = 23;
const IPV6_DONTFRAG = 62;
const PMTUDISC_WANT = 1;
const PMTUDISC_DO = 2;
const SIOCGSTAMPNS = 0x8010_8907;

const sendto = libc.func(
  'intptr_t sendto(int, void *, size_t, int, void *, uint32_t)',
) as unknown as Call<[number, Buffer, number, number, Buffer, number]>;
const recvfrom = libc.func(
  'intptr_t recvfrom(int, void *, size_t, int, void *, void *)',
) as unknown as Call<[number, Buffer, number, number, Buffer, Buffer]>;
const ioctl = libc.func('int ioctl(int, unsigned long, void *)') as Call<[number, number, Buffer]>;
const option = Buffer.alloc(4);

/** A descriptor, or the system's code. */
export function openSocket(family: 4 | 6, way: 'dgram' | 'raw'): number | string {
  const type = way === 'dgram' ? SOCK_DGRAM : SOCK_RAW;
  const fd = openSocketOf(family, type, family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
  if (typeof fd === 'string') return fd;
  const room = Buffer.alloc(4);
  room.writeInt32LE(1024 * 1024);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, room, 4);
  if (way === 'raw') passRepliesOnly(fd, family);
  return fd;
}

/** A raw socket sees every ICMP message of the machine; let the kernel drop all but echo replies. */
function passRepliesOnly(fd: number, family: 4 | 6): void {
  if (family === 4) {
    const blocked = Buffer.alloc(4);
    blocked.writeUInt32LE(0xffff_fffe);
    setsockopt(fd, SOL_RAW, ICMP_FILTER, blocked, 4);
    return;
  }
  const blocked = Buffer.alloc(32, 0xff);
  const reply = 129;
  blocked.writeUInt32LE((0xffff_ffff & ~(1 << (reply & 31))) >>> 0, (reply >> 5) * 4);
  setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, blocked, 32);
}

/** Whether what is sent next must pass whole; else the kernel cuts what does not fit. */
export function setDontFragment({ fd, family }: { fd: number; family: 4 | 6 }, on: boolean): void {
  option.writeInt32LE(on ? PMTUDISC_DO : PMTUDISC_WANT);
  if (family === 4) {
    setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, option, 4);
    return;
  }
  setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, option, 4);
  option.writeInt32LE(on ? 1 : 0);
  setsockopt(fd, IPPROTO_IPV6, IPV6_DONTFRAG, option, 4);
}

/** Null when sent, else the system's code. */
export function send(fd: number, packet: Buffer, to: Buffer): string | null {
  return sendto(fd, packet, packet.length, 0, to, to.length) < 0 ? lastError() : null;
}

const from = Buffer.alloc(28);
const fromLength = Buffer.alloc(4);
/** What `receive` heard last; the next call writes over it. */
export const inbox = Buffer.alloc(2048);

/** Takes the next datagram into `inbox`; its length, or -1 when none waits. */
export function receive(fd: number): number {
  fromLength.writeUInt32LE(from.length);
  return recvfrom(fd, inbox, inbox.length, 0, from, fromLength);
}

/** Where the datagram in `inbox` came from, as `addressKey` writes it. */
export function sender(family: 4 | 6): string {
  return addressKey(from, family);
}

/**
 * Has the kernel stamp what comes on a socket from now on; false when it does not. A socket that nothing came to yet
 * has no stamp to tell, which the kernel says as ENOENT.
 */
export function stampArrivals(fd: number): boolean {
  return ioctl(fd, SIOCGSTAMPNS, timespec) >= 0 || lastError() === 'ENOENT';
}

/** When the last packet received on a socket came, as `wallUs`; null when the kernel does not say. */
export function arrivedAtUs(fd: number): number | null {
  return ioctl(fd, SIOCGSTAMPNS, timespec) < 0 ? null : readTimespecUs();
}
