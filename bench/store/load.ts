// Results as runners would bring them: on the grid, a few ms late, RTT log-normal by 10 %, here and there an outage.
import { nextSlotAt } from '#core/schedule.ts';
import type { KeptResult } from '#worker/ingest/fold.ts';

export const CHECKS = 1000;
export const LOCATIONS = 3;
export const INTERVAL_MS = 60_000;
export const FLUSH_MS = 15_000;
const SIGMA = 0.1;
/** Of a check's hours. */
const OUTAGES = 0.005;

/** A generator of its own, so that every run sees the same. */
export class Load {
  #seed = 42;
  readonly #lateness = new Map<string, number>();

  /** What one runner measures of the shard within a flush. */
  flush(location: number, fromAt: number): KeptResult[] {
    const results: KeptResult[] = [];
    for (let position = 0; position < CHECKS; position++) {
      const slotAt = nextSlotAt({ shard: 0, position }, INTERVAL_MS, fromAt - 1);
      if (slotAt >= fromAt + FLUSH_MS) continue;
      const bad = this.#isBad(position, slotAt);
      results.push({
        ...{ position, intervalMs: INTERVAL_MS, at: slotAt + this.#late(location, slotAt) },
        ...{ level: bad ? 500 : 100, rttUs: bad ? null : this.#rtt(position, location) },
        ...{ code: bad ? 'timeout' : 'ok', blind: false, old: false, asked: false },
      });
    }
    this.#lateness.clear();
    return results;
  }

  /** One wake-up of a runner serves all checks of its slot. */
  #late(location: number, slotAt: number): number {
    const key = `${location} ${slotAt}`;
    const held = this.#lateness.get(key) ?? Math.floor(Math.abs(this.#normal()) * 3);
    this.#lateness.set(key, held);
    return held;
  }

  #rtt(position: number, location: number): number {
    const usual = 5000 * (1 + ((position * 7 + location * 131) % 40));
    return usual * Math.exp(SIGMA * this.#normal());
  }

  /** Outages last twenty minutes and are the same from everywhere. */
  #isBad(position: number, at: number): boolean {
    const part = Math.floor(at / 1_200_000);
    const mixed = Math.imul(part ^ (position * 0x9e3779b1), 0x85ebca6b) >>> 0;
    return mixed / 2 ** 32 < OUTAGES;
  }

  #normal(): number {
    const [one, other] = [this.#uniform(), this.#uniform()];
    return Math.sqrt(-2 * Math.log(1 - one)) * Math.cos(2 * Math.PI * other);
  }

  #uniform(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#seed / 2 ** 32;
  }
}
