// What a runner last said of itself, as its view row keeps it.
import type { RunnerHealth } from '#core/wire/health.ts';

export interface HeldHealth extends RunnerHealth {
  /** When it came, by the worker's clock. */
  heardAt: number;
}

export function packHealth(health: RunnerHealth, now: number): string {
  const held: HeldHealth = { ...health, heardAt: now };
  return JSON.stringify(held);
}

/** The newest of what a runner's view rows hold (it tells only one of them at a time); null = it never said anything. */
export function newestHealth(texts: Iterable<unknown>): HeldHealth | null {
  let newest: HeldHealth | null = null;
  for (const text of texts) {
    if (typeof text !== 'string') continue;
    const held = JSON.parse(text) as HeldHealth;
    if (newest === null || held.heardAt > newest.heardAt) newest = held;
  }
  return newest;
}
