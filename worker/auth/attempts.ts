// How often an address may fail to prove who it is. Kept in the isolate, so a try costs no row.
import { Problem } from '#worker/problem.ts';

const WINDOW_MS = 60_000;
const MAX_FAILURES = 10;
const MAX_ADDRESSES = 10_000;

interface Window {
  startedAt: number;
  failures: number;
}

const windows = new Map<string, Window>();

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
  if (windows.size >= MAX_ADDRESSES) windows.clear();
  windows.set(address, { startedAt: now, failures: 1 });
}
