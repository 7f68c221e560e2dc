import { USUAL_SIZE } from '#core/checks/echo.ts';
import type { Address } from '../net/resolve.ts';
import { type Echoes, GRACE_MS, type PingOrder } from './ping.ts';

interface Target extends Omit<Echoes, 'jitterUs'> {
  family: 4 | 6;
  lastRttUs: number;
  /** Of the differences between a round trip and the next. */
  differencesUs: number;
}

/** One order while it is worked on: when to send next, when it is over. Times are milliseconds of one clock. */
export class Job {
  readonly targets: readonly Target[];
  /** Of all requests that went out. */
  readonly serials: number[] = [];
  /** Takes what came of it. */
  readonly done: (echoes: Echoes[]) => void;
  readonly #order: PingOrder;
  readonly #startedAt: number;
  #rounds = 0;
  #lastSentAt = 0;
  #replies = 0;

  constructor(order: PingOrder, now: number, done: (echoes: Echoes[]) => void) {
    this.#order = order;
    this.#startedAt = now;
    this.done = done;
    this.targets = order.addresses.map(targetOf);
  }

  /** True when each target is owed its next request. */
  isDue(now: number): boolean {
    return this.#rounds < this.#order.count && now >= this.#nextRoundAt();
  }

  roundSent(now: number): void {
    this.#rounds += 1;
    this.#lastSentAt = now;
  }

  /** To a request that no reply came to before. */
  answered(index: number, rttUs: number): void {
    const target = this.targets[index];
    if (!target) return;
    this.#replies += 1;
    if (target.received > 0) target.differencesUs += Math.abs(rttUs - target.lastRttUs);
    target.lastRttUs = rttUs;
    target.received += 1;
    target.rttUs = Math.min(target.rttUs ?? rttUs, rttUs);
  }

  /** What comes then is no answer any more, whenever somebody looks. */
  isLate(at: number): boolean {
    return at > this.#deadline();
  }

  isOver(now: number): boolean {
    return now >= this.#endsAt();
  }

  /** When something has to be done for it, unless a reply comes before. */
  wakesAt(): number {
    return Math.min(this.#endsAt(), this.#isSending() ? this.#nextRoundAt() : Infinity);
  }

  echoes(): Echoes[] {
    return this.targets.map(echoesOf);
  }

  get size(): number {
    return this.#order.size ?? USUAL_SIZE;
  }

  get dontFragment(): boolean {
    return this.#order.dontFragment ?? false;
  }

  #isSending(): boolean {
    return this.#rounds < this.#order.count;
  }

  #nextRoundAt(): number {
    return this.#startedAt + this.#rounds * this.#order.gapMs;
  }

  #deadline(): number {
    return this.#startedAt + this.#order.timeoutMs;
  }

  #endsAt(): number {
    const deadline = this.#deadline();
    if (this.#isSending()) return deadline;
    if (this.serials.length === this.#replies) return this.#lastSentAt;
    return this.#replies > 0 ? Math.min(deadline, this.#lastSentAt + GRACE_MS) : deadline;
  }
}

function targetOf({ address, family }: Address): Target {
  return {
    address,
    family,
    sent: 0,
    received: 0,
    rttUs: null,
    error: null,
    lastRttUs: 0,
    differencesUs: 0,
  };
}

function echoesOf({ address, sent, received, rttUs, error, differencesUs }: Target): Echoes {
  const jitterUs = received > 1 ? Math.round(differencesUs / (received - 1)) : null;
  return { address, sent, received, rttUs, error, jitterUs };
}
