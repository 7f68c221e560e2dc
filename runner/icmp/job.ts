import { USUAL_SIZE } from '#core/checks/echo.ts';
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
  /** Of the requests still unanswered. */
  readonly serials = new Set<number>();
  readonly #order: PingOrder;
  readonly #startedAt: number;
  #rounds = 0;
  #lastSentAt = 0;

  constructor(order: PingOrder, now: number) {
    this.#order = order;
    this.#startedAt = now;
    this.targets = order.addresses.map(({ address, family }) => ({
      address,
      family,
      sent: 0,
      received: 0,
      rttUs: null,
      error: null,
      lastRttUs: 0,
      differencesUs: 0,
    }));
  }

  /** True when each target is owed its next request. */
  isDue(now: number): boolean {
    return this.#rounds < this.#order.count && now >= this.#nextRoundAt();
  }

  roundSent(now: number): void {
    this.#rounds += 1;
    this.#lastSentAt = now;
  }

  answered(index: number, serial: number, rttUs: number): void {
    const target = this.targets[index];
    if (!target || !this.serials.delete(serial)) return;
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
    return this.targets.map(({ address, sent, received, rttUs, error, differencesUs }) => ({
      ...{ address, sent, received, rttUs, error },
      jitterUs: received > 1 ? Math.round(differencesUs / (received - 1)) : null,
    }));
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
    if (this.serials.size === 0) return this.#lastSentAt;
    const somethingCame = this.targets.some(({ received }) => received > 0);
    return somethingCame ? Math.min(deadline, this.#lastSentAt + GRACE_MS) : deadline;
  }
}
