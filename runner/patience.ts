// What can wait until the runner is awake anyway. A wake-up costs a runner 1 to 5 ms by itself (docs/performance.md), so
// posts, signs of life and the like ride on those of the checks: a little early, or some seconds late.
import type { RunnerPlatform } from './platform.ts';

/** How much earlier, and how much later, as shares of the time asked for; and the most of both. */
const EARLY = { share: 1 / 30, mostMs: 500 };
const LATE = { share: 1 / 3, mostMs: 5000 };
/** What is due for this long does not wait for the runner to come to rest. */
const PRESSING_MS = 500;

interface Waiting {
  /** By the monotonic clock. */
  earlyMs: number;
  dueMs: number;
  lastMs: number;
  call: () => void;
  cancel: () => void;
}

type Given = Pick<RunnerPlatform, 'setTimer' | 'monotonicMs'> & {
  /** In how many ms the runner wakes up for its checks; 0 = it is at work. */
  nextWakeMs: () => number;
};

export class Patience {
  readonly #given: Given;
  readonly #waiting = new Set<Waiting>();

  constructor(given: Given) {
    this.#given = given;
  }

  /** As the platform's, but `call` may come by a thirtieth of `ms` early (half a second at most) or by a third late (five seconds). */
  setTimer = (ms: number, call: () => void): (() => void) => {
    const dueMs = this.#given.monotonicMs() + ms;
    const one: Waiting = {
      earlyMs: dueMs - Math.min(EARLY.mostMs, ms * EARLY.share),
      dueMs,
      lastMs: dueMs + Math.min(LATE.mostMs, ms * LATE.share),
      call,
      cancel: this.#given.setTimer(ms, () => this.#due(one)),
    };
    this.#waiting.add(one);
    return () => this.#drop(one);
  };

  /** The runner is awake: what is due is called. `atRest`: nothing is being measured that it could disturb. */
  moment({ atRest }: { atRest: boolean }): void {
    const nowMs = this.#given.monotonicMs();
    for (const one of [...this.#waiting]) {
      const fromMs = atRest ? one.earlyMs : one.dueMs + PRESSING_MS;
      if (nowMs >= fromMs && this.#drop(one)) one.call();
    }
  }

  #due(one: Waiting): void {
    const nowMs = this.#given.monotonicMs();
    if (nowMs < one.lastMs && this.#nextMs(nowMs) <= one.lastMs - nowMs) {
      one.cancel = this.#given.setTimer(one.lastMs - nowMs, () => this.#due(one));
      return;
    }
    this.#drop(one);
    one.call();
    this.moment({ atRest: this.#given.nextWakeMs() > 0 });
  }

  /** In how many ms there will be a moment. */
  #nextMs(nowMs: number): number {
    const others = [...this.#waiting].map(({ dueMs }) => dueMs - nowMs).filter((ms) => ms > 0);
    return Math.min(this.#given.nextWakeMs(), ...others);
  }

  #drop(one: Waiting): boolean {
    one.cancel();
    return this.#waiting.delete(one);
  }
}
