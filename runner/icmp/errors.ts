// What routers say of packets that got no further: the kernel keeps it beside a socket that asks for it. Linux only.
import koffi from 'koffi';
import { libc, setsockopt } from '../net/libc.ts';

const IPPROTO_IP = 0;
const IP_TTL = 2;
const IP_RECVERR = 11;
const IPPROTO_IPV6 = 41;
const IPV6_UNICAST_HOPS = 16;
const IPV6_RECVERR = 25;
const MSG_ERRQUEUE = 0x2000;
const MSG_DONTWAIT = 0x40;
const FROM_ICMP = 2;
const FROM_ICMP6 = 3;
/** Before the address of who says so: the header of the message and the error itself. */
const CONTROL_HEADER = 16;
const OFFENDER = CONTROL_HEADER + 16;

koffi.struct('anyup_iovec', { base: 'void *', len: 'size_t' });
koffi.struct('anyup_msghdr', {
  name: 'void *',
  namelen: 'uint32_t',
  iov: 'anyup_iovec *',
  iovlen: 'size_t',
  control: 'void *',
  controllen: 'size_t',
  flags: 'int',
});
const recvmsg = libc.func('intptr_t recvmsg(int, anyup_msghdr *, int)') as unknown as (
  fd: number,
  message: object,
  flags: number,
) => number;
/** What is sent next dies after so many hops, and who drops it is heard; false when the kernel does not allow it. */
export function limitHops(fd: number, family: 4 | 6, hops: number): boolean {
  const value = Buffer.alloc(4);
  const set = (level: number, name: number, to: number) => {
    value.writeInt32LE(to);
    return setsockopt(fd, level, name, value, value.length) === 0;
  };
  return family === 4
    ? set(IPPROTO_IP, IP_TTL, hops) && set(IPPROTO_IP, IP_RECVERR, 1)
    : set(IPPROTO_IPV6, IPV6_UNICAST_HOPS, hops) && set(IPPROTO_IPV6, IPV6_RECVERR, 1);
}

export interface HopError {
  /** The packet that got no further, as far as it is quoted. */
  quoted: Buffer;
  /** The address of who says so, as bytes. */
  from: Buffer;
}

/** The next complaint about what was sent on a socket; null when none waits. */
export function receiveError(fd: number): HopError | null {
  const quoted = Buffer.alloc(64);
  const control = Buffer.alloc(256);
  const iov = { base: quoted, len: quoted.length };
  const message = { name: null, namelen: 0, iov, iovlen: 1, control, controllen: control.length };
  const length = recvmsg(fd, { ...message, flags: 0 }, MSG_ERRQUEUE | MSG_DONTWAIT);
  if (length < 0) return null;
  const origin = control.readUInt8(CONTROL_HEADER + 4);
  const from =
    origin === FROM_ICMP
      ? control.subarray(OFFENDER + 4, OFFENDER + 8)
      : origin === FROM_ICMP6
        ? control.subarray(OFFENDER + 8, OFFENDER + 24)
        : Buffer.alloc(0);
  return { quoted: quoted.subarray(0, length), from };
}
