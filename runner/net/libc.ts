// The C library, and what all our own sockets take of it; Linux only.
import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';

export const libc = koffi.load(null);

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOL_SOCKET = 1;
/** Never inherited by the scripts that the runner starts; never waiting. */
const NONBLOCK_CLOEXEC = 0o4000 | 0o2000000;

export type Call<Args extends unknown[]> = (...args: Args) => number;

const socket = libc.func('int socket(int, int, int)') as Call<[number, number, number]>;
const close = libc.func('int close(int)') as Call<[number]>;
export const setsockopt = libc.func('int setsockopt(int, int, int, void *, uint32_t)') as Call<
  [number, number, number, Buffer, number]
>;

/** The system's code for why the call before failed. */
export function lastError(): string {
  return getSystemErrorName(-koffi.errno());
}

/** As Node would throw it. */
export function systemError(call: string, code: string): Error {
  return Object.assign(new Error(`${call} ${code}`), { code });
}

/** A descriptor, or the system's code. */
export function openSocketOf(family: 4 | 6, type: number, protocol: number): number | string {
  const fd = socket(family === 4 ? AF_INET : AF_INET6, type | NONBLOCK_CLOEXEC, protocol);
  return fd < 0 ? lastError() : fd;
}

export function closeSocket(fd: number): void {
  close(fd);
}
