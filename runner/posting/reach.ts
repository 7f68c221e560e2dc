// How the worker takes us at present, told to people once per change.
import type { RunnerPlatform } from '#runner/platform.ts';

/** A worker that refuses this runner is asked again after this. */
const REFUSED_RETRY_MS = 60_000;

export class Reach {
  readonly #platform: Pick<RunnerPlatform, 'log' | 'monotonicMs'>;
  #refusedUntilMs = 0;
  /** What was complained of last; null = all is well. */
  #complaint: string | null = null;
  /** The last live post got through. */
  isGood = false;
  /** When a post last got through, by the monotonic clock; null = none has since the start. */
  goodMs: number | null = null;
  /** When one last did not, and why. */
  failed: { atMs: number; why: string } | null = null;
  /** The code with which the worker refuses this runner; null = it does not, as far as known. */
  refusedAs: string | null = null;

  constructor(platform: Pick<RunnerPlatform, 'log' | 'monotonicMs'>) {
    this.#platform = platform;
  }

  /** It refused us a moment ago: nothing is posted. */
  get isRefused(): boolean {
    return this.#platform.monotonicMs() < this.#refusedUntilMs;
  }

  good(late: number): void {
    if (this.#complaint !== null) {
      const rest = late > 0 ? `; ${late} late results are sent by and by` : '';
      this.#platform.log('info', `the worker takes results again${rest}`);
    }
    this.#complaint = null;
    this.#refusedUntilMs = 0;
    this.isGood = true;
    this.refusedAs = null;
    this.goodMs = this.#platform.monotonicMs();
  }

  bad(why: string): void {
    this.isGood = false;
    this.failed = { atMs: this.#platform.monotonicMs(), why };
    this.#complain('away', 'warn', `the worker does not take results: ${why}; keeping them`);
  }

  refused({ code, why }: { code: string; why: string }): void {
    this.isGood = false;
    this.failed = { atMs: this.#platform.monotonicMs(), why };
    this.refusedAs = code;
    this.#refusedUntilMs = this.#platform.monotonicMs() + REFUSED_RETRY_MS;
    this.#complain(
      code,
      'error',
      `the worker refuses this runner: ${why}. Results are kept, not posted; it is asked again each minute.`,
    );
  }

  #complain(what: string, level: 'warn' | 'error', message: string): void {
    if (this.#complaint !== what) this.#platform.log(level, message);
    this.#complaint = what;
  }
}
