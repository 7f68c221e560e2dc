// When things came, by the clock that the kernel stamps packets with; Linux only.
import { microsSince } from '../deadline.ts';
import { type Call, libc } from './libc.ts';

const CLOCK_REALTIME = 0;

const clockGettime = libc.func('int clock_gettime(int, void *)') as Call<[number, Buffer]>;

/** A `struct timespec`, two 64-bit numbers (seconds, nanoseconds), by their halves. */
const halves = new Uint32Array(4);
/** The same, for the kernel to write into; the next call here writes over it. */
export const timespec = Buffer.from(halves.buffer);

/** Epoch microseconds of a `struct timespec` that begins at one of these halves. */
export function usOf(words: Uint32Array, at: number): number {
  const seconds = (words[at + 1] ?? 0) * 2 ** 32 + (words[at] ?? 0);
  return seconds * 1e6 + (words[at + 2] ?? 0) / 1e3;
}

/** What was written into `timespec`, in epoch microseconds. */
export function readTimespecUs(): number {
  return usOf(halves, 0);
}

/** Epoch microseconds. */
export function wallUs(): number {
  clockGettime(CLOCK_REALTIME, timespec);
  return readTimespecUs();
}

/** When something was sent. */
export interface SentAt {
  /** By `performance.now()`. */
  sentAt: number;
  /** The same by `wallUs`. */
  sentWallUs: number;
}

/**
 * From there to an arrival by the kernel's word, since nobody need have looked when it came; unless the clock was set
 * between, which shows in a time that cannot be. `arrivedAtUs`: as `wallUs`; null = the kernel does not say.
 */
export function tookUs({ sentAt, sentWallUs }: SentAt, arrivedAtUs: number | null): number {
  const mostUs = microsSince(sentAt);
  const us = arrivedAtUs === null ? mostUs : Math.round(arrivedAtUs - sentWallUs);
  return us >= 1 && us <= mostUs ? us : mostUs;
}
