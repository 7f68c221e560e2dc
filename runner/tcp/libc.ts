// The few calls of the C library that it takes to open a connection, to talk over it and to hear of it; Linux only.
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
import { usOf } from '../net/stamp.ts';

const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
const SO_ERROR = 4;
const SO_LINGER = 13;
const SO_TIMESTAMPNS = 35;
const TCP_NODELAY = 1;
const TCP_INFO = 11;
const MSG_NOSIGNAL = 0x4000;
const { EINPROGRESS, EAGAIN } = constants.errno;
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLOUT = 4;
/** Something to read, or that nothing more will come. */
const READABLE = 1 | 8 | 16 | 0x2000;
/** Only what is new is told. */
const EPOLLET = 0x8000_0000;

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

const send = libc.func('intptr_t send(int, void *, size_t, int)') as unknown as Call<
  [number, Buffer, number, number]
>;
const recvmsg = libc.func('intptr_t recvmsg(int, void *, int)') as unknown as Call<
  [number, Buffer, number]
>;

/** Two 32-bit numbers: on, for no time. */
const linger = Buffer.alloc(8);
linger.writeInt32LE(1);

/** Hangs up with a reset, which leaves no TIME_WAIT behind, here or there. */
export function reset(fd: number): void {
  setsockopt(fd, SOL_SOCKET, SO_LINGER, linger, linger.length);
  closeSocket(fd);
}

/** Hangs up as one does. */
export const hangUp = closeSocket;

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

const on = Buffer.alloc(4);
on.writeInt32LE(1);

/** What comes from now on is stamped, where the kernel does that. */
export function stampArrivals(fd: number): void {
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, on, on.length);
}

/** Nothing that is said waits for what was said before to be acknowledged. */
export function sendAtOnce(fd: number): void {
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, on, on.length);
}

/** How many of the bytes were taken, none when there is no room now; or the system's code. */
export function say(fd: number, bytes: Buffer): number | string {
  const taken = send(fd, bytes, bytes.length, MSG_NOSIGNAL);
  if (taken >= 0) return taken;
  return koffi.errno() === EAGAIN ? 0 : lastError();
}

/** Where `hear` puts what it hears; the next call writes over it. */
export const heard = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * A `struct msghdr` (of which all but these is 0), the `struct iovec` and the control message that it points to, as
 * 64-bit systems lay them out. All in one piece of memory that is held on to: the kernel writes where it is pointed.
 */
const MESSAGE = { iovecAt: 2, iovecs: 3, controlAt: 4, controlBytes: 5 };
const [IOVEC_AT, CONTROL_AT, WORDS] = [7, 9, 17];
const CONTROL_BYTES = BigInt((WORDS - CONTROL_AT) * 8);
const message = Buffer.allocUnsafeSlow(WORDS * 8).fill(0);
const words = new BigUint64Array(message.buffer);
const messageAt = koffi.address(message);
words[MESSAGE.iovecAt] = messageAt + BigInt(IOVEC_AT * 8);
words[MESSAGE.iovecs] = 1n;
words[MESSAGE.controlAt] = messageAt + BigInt(CONTROL_AT * 8);
words[IOVEC_AT] = koffi.address(heard);
words[IOVEC_AT + 1] = BigInt(heard.length);
/** Its own header, a length, a level and a type, is four of these long. */
const control = new Uint32Array(message.buffer, CONTROL_AT * 8);
const CONTROL_TYPE = 3;
const CONTROL_DATA = 4;

/** A number of bytes, put into `heard`; 0 = the other end has said all; null = nothing now; else the system's code. */
export function hear(fd: number): number | null | string {
  words[MESSAGE.controlBytes] = CONTROL_BYTES;
  control[CONTROL_TYPE] = 0;
  const bytes = recvmsg(fd, message, 0);
  if (bytes >= 0) return bytes;
  return koffi.errno() === EAGAIN ? null : lastError();
}

/** When the last of what `hear` put into `heard` came, as `wallUs`; null when the kernel did not say. */
export function heardAtUs(): number | null {
  return control[CONTROL_TYPE] === SO_TIMESTAMPNS ? usOf(control, CONTROL_DATA) : null;
}

/** Whether the memory that these calls take is laid out here as they have it. */
export const IS_KNOWN_LAYOUT = process.arch === 'x64' || process.arch === 'arm64';

/** `struct epoll_event` is packed on x86-64 only. */
const EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
const FD_AT = EVENT_BYTES - 8;
const MOST_WOKEN = 1024;
const event = Buffer.alloc(EVENT_BYTES);
const events = Buffer.alloc(EVENT_BYTES * MOST_WOKEN);

/** A descriptor that watches others, or the system's code. */
export function openWatch(): number | string {
  const watch = epollCreate1(EPOLL_CLOEXEC);
  return watch < 0 ? lastError() : watch;
}

/** Watches a socket, until it is closed. Null, or the system's code. */
export function watchFor(watch: number, fd: number): string | null {
  event.writeUInt32LE(EPOLLET + (EPOLLOUT | READABLE));
  event.writeInt32LE(fd, FD_AT);
  return epollCtl(watch, EPOLL_CTL_ADD, fd, event) < 0 ? lastError() : null;
}

/** How many sockets have news; of more than a thousand the rest is for the next call, which writes over these. */
export function woken(watch: number): number {
  return Math.max(0, epollWait(watch, events, MOST_WOKEN, 0));
}

/**
 * The socket of one of the news. A process that is just being started may hold on to one that is closed here: whose
 * number is whose is to be looked at.
 */
export function wokenSocket(index: number): number {
  return events.readInt32LE(index * EVENT_BYTES + FD_AT);
}

/** Whether there may be something to hear. */
export function isReadable(index: number): boolean {
  return (events.readUInt32LE(index * EVENT_BYTES) & READABLE) !== 0;
}
