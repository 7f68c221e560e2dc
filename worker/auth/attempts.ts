// How often an address may fail to prove who it is. Kept in the isolate, so a try costs no row.
import type { AppContext } from '#worker/platform.ts';
import { Problem, type ProblemCode } from '#worker/problem.ts';
import { peerOf } from './peer.ts';

const WINDOW_MS = 60_000;
const MAX_FAILURES = 10;
const MAX_ADDRESSES = 10_000;

interface Window {
  startedAt: number;
  failures: number;
}

const windows = new Map<string, Window>();

/** Remembers nothing any more, as a new isolate does. */
export function forgetFailures(): void {
  windows.clear();
}

function windowOf(address: string, now: number): Window | null {
  const window = windows.get(address);
  return window && now - window.startedAt < WINDOW_MS ? window : null;
}

/** Refuses with 429 and Retry-After when this address has failed ten times within a minute. */
export function refuseWhenTired(address: string, now: number): void {
  const window = windowOf(address, now);
  if (!window || window.failures < MAX_FAILURES) return;
  const waitS = Math.ceil((window.startedAt + WINDOW_MS - now) / 1000);
  throw new Problem('too_many', {
    detail: `Ten attempts in a minute have failed. Try again in ${waitS} s.`,
    headers: { 'retry-after': String(waitS) },
  });
}

export function countFailure(address: string, now: number): void {
  const window = windowOf(address, now);
  if (window) {
    window.failures += 1;
    return;
  }
  const [oldest] = windows.keys();
  if (windows.size >= MAX_ADDRESSES && oldest !== undefined) windows.delete(oldest);
  // Anew at the end, so that the first is always the one that began longest ago.
  windows.delete(address);
  windows.set(address, { startedAt: now, failures: 1 });
}

/** Lets the caller try once; ending in `wrong` counts as a failure of its address, and ten of them end the trying. */
export async function limitAttempts<T>(
  c: AppContext,
  what: string,
  wrong: ProblemCode,
  attempt: () => Promise<T>,
): Promise<T> {
  const address = `${what} ${peerOf(c)}`;
  const now = c.env.now();
  refuseWhenTired(address, now);
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof Problem && error.code === wrong) countFailure(address, now);
    throw error;
  }
}
