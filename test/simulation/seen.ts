// The oracle's own view of one check by one runner, from DESIGN §4.2 and not from core: what its readings say.
import { fromSpan16, toSpan16 } from '#core/store/log16.ts';
import type { Health } from './target.ts';

export interface Saw {
  at: number;
  level: number | null;
  blind: boolean;
  /** Another location had just seen it turn. */
  asked: boolean;
}

export interface Hysteresis {
  failures: number;
  successes: number;
  intervalMs: number;
  timeoutMs: number;
  flushMs: number;
}

const RANK: Record<Health, number> = { up: 0, degraded: 1, down: 2 };

export function healthOf(level: number): Health {
  if (level >= 300) return 'down';
  return level >= 200 ? 'degraded' : 'up';
}

export class Seen {
  rev: number;
  /** What it is sure of; null = not sure. */
  said: Health | null = null;
  at = 0;
  freshUntil = 0;
  blind = false;
  /** Start of the newest row of bad readings. */
  badSince: number | null = null;
  /** The newest reading while it was sure of good. */
  goodAt: number | null = null;
  everGood = false;
  #against: Health[] = [];

  constructor(rev: number) {
    this.rev = rev;
  }

  copy(): Seen {
    const copy = Object.assign(new Seen(this.rev), this);
    copy.#against = [...this.#against];
    return copy;
  }

  take({ at, level, blind, asked }: Saw, rules: Hysteresis): void {
    if (at <= this.at) return;
    if (blind) {
      this.blind = true;
      return;
    }
    if (level === null) return;
    if (this.at > 0 && at > this.freshUntil) {
      this.said = null;
      this.#against = [];
    }
    const health = healthOf(level);
    // It could not see; what it sees now is not what it was sure of.
    if (this.blind && this.said !== null && this.said !== health) {
      this.said = null;
      this.#against = [];
    }
    this.at = at;
    const freshMs = 2 * rules.intervalMs + rules.timeoutMs + 3 * rules.flushMs;
    this.freshUntil = at + fromSpan16(toSpan16(freshMs));
    this.blind = false;
    if (health !== 'down') this.badSince = null;
    else this.badSince ??= at;
    if (health === this.said) {
      this.#sure(health);
      return;
    }
    const worse = this.said === null ? health !== 'up' : RANK[health] > RANK[this.said];
    const before = this.#against[0];
    const sameWay =
      before !== undefined &&
      (this.said === null ? before !== 'up' : RANK[before] > RANK[this.said]) === worse;
    this.#against = sameWay ? [...this.#against, health] : [health];
    if (asked || this.#against.length >= (worse ? rules.failures : rules.successes)) {
      const ranked = this.#against.toSorted((a, b) => RANK[a] - RANK[b]);
      // Worse: the mildest of them. Better: the worst of them.
      this.#sure((worse ? ranked[0] : ranked.at(-1)) as Health);
      return;
    }
    if (this.said !== null && this.said !== 'down' && health !== 'down') this.goodAt = at;
  }

  hasVote(now: number): boolean {
    return this.said !== null && !this.blind && this.at > 0 && now <= this.freshUntil;
  }

  #sure(health: Health): void {
    this.said = health;
    this.#against = [];
    this.goodAt = health === 'down' ? null : this.at;
    if (health !== 'down') this.everGood = true;
  }
}
