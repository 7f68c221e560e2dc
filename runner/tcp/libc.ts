// The few calls of the C library that it takes to open a connection and to hear of it; Linux only.
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';
import {
  type Call,
  closeSocket,
  lastError,
  libc,
  openSocketOf,
  SOL_SOCKET,
  setsockopt,
} from '../net/libc.ts';

const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
const SO_ERROR = 4;
const SO_LINGER = 13;
const TCP_INFO = 11;
const { EINPROGRESS } = constants.errno;
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLOUT = 4;

const connect = libc.func('int connect(int, void *, uint32_t)') as Call<[number, Buffer, number]>;
const getsockopt = libc.func('int getsockopt(int, int, int, void *, void *)') as Call<
  [number, number, number, Buffer, Buffer]
>;
const epollCreate1 = libc.func('int epoll_create1(int)') as Call<[number]>;
const epollCtl = libc.func('int epoll_ctl(int, int, int, void *)') as Call<
  [number, number, number, Buffer]
>;
const epollWait = libc.func('int epoll_wait(int, void *, int, int)') as Call<
  [number, Buffer, number, number]
>;

/** A descriptor, or the system's code. */
export function openSocket(family: 4 | 6): number | string {
  return openSocketOf(family, SOCK_STREAM, IPPROTO_TCP);
}

/** Null when the handshake is under way, else the system's code. */
export function beginConnect(fd: number, to: Buffer): string | null {
  if (connect(fd, to, to.length) === 0) return null;
  return koffi.errno() === EINPROGRESS ? null : lastError();
}

/** Two 32-bit numbers: on, for no time. */
const linger = Buffer.alloc(8);
linger.writeInt32LE(1);

/** Hangs up with a reset, which leaves no TIME_WAIT behind, here or there. */
export function reset(fd: number): void {
  setsockopt(fd, SOL_SOCKET, SO_LINGER, linger, linger.length);
  closeSocket(fd);
}

const value = Buffer.alloc(4);
const length = Buffer.alloc(4);

/** What a socket failed with; null when with nothing. */
export function errorOf(fd: number): string | null {
  length.writeUInt32LE(value.length);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, value, length) !== 0) return lastError();
  const errno = value.readInt32LE();
  return errno === 0 ? null : getSystemErrorName(-errno);
}

/** In `struct tcp_info` (linux/tcp.h): the state, the smoothed round trip, after a handshake that of the handshake, and what was sent again. */
const STATE_AT = 0;
const RTT_AT = 68;
const TOTAL_RETRANS_AT = 100;
const SYN_SENT = 2;
const info = Buffer.alloc(TOTAL_RETRANS_AT + 4);

export interface Handshake {
  isUnderWay: boolean;
  /** By the kernel's clock; 0 = there was none, or the kernel does not say. */
  us: number;
  /** Some of it was lost and sent again, so that the time says nothing. */
  sentAgain: boolean;
}

/** Null when the kernel tells nothing. */
export function handshakeOf(fd: number): Handshake | null {
  length.writeUInt32LE(info.length);
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, length) !== 0) return null;
  if (length.readUInt32LE() < info.length) return null;
  return {
    isUnderWay: info[STATE_AT] === SYN_SENT,
    us: info.readUInt32LE(RTT_AT),
    sentAgain: info.readUInt32LE(TOTAL_RETRANS_AT) > 0,
  };
}

/** `struct epoll_event` is packed on x86-64 only. */
const EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
const FD_AT = EVENT_BYTES - 8;
const MOST_ENDED = 1024;
const event = Buffer.alloc(EVENT_BYTES);
const events = Buffer.alloc(EVENT_BYTES * MOST_ENDED);

/** A descriptor that watches others, or the system's code. */
export function openWatch(): number | string {
  const watch = epollCreate1(EPOLL_CLOEXEC);
  return watch < 0 ? lastError() : watch;
}

/** Watches a socket for the end of its handshake, until it is closed. Null, or the system's code. */
export function watchFor(watch: number, fd: number): string | null {
  event.writeUInt32LE(EPOLLOUT);
  event.writeInt32LE(fd, FD_AT);
  return epollCtl(watch, EPOLL_CTL_ADD, fd, event) < 0 ? lastError() : null;
}

/**
 * The sockets whose handshakes are over, however they ended; of more than a thousand the rest is for the next call. A
 * process that is just being started may hold on to one that is closed here: whose number is whose is to be looked at.
 */
export function ended(watch: number): number[] {
  const fds: number[] = [];
  const count = epollWait(watch, events, MOST_ENDED, 0);
  for (let i = 0; i < count; i++) fds.push(events.readInt32LE(i * EVENT_BYTES + FD_AT));
  return fds;
}
