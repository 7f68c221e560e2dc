// Waiting longer after every failure, and never all at the same moment.

export interface Backoff {
  /** The wait after the first failure, before jitter. */
  baseMs: number;
  /** No wait is longer. */
  maxMs: number;
  /** A random number from 0 to 1, from the caller. */
  random01: number;
}

/** The wait after `attempt` failures (1 = the first): doubled each time, half of it fixed and half by chance. */
export function backoffMs(attempt: number, { baseMs, maxMs, random01 }: Backoff): number {
  const doublings = Math.min(30, Math.max(0, attempt - 1));
  const fullMs = Math.min(maxMs, baseMs * 2 ** doublings);
  return Math.round(fullMs / 2 + (fullMs / 2) * random01);
}
