// The time readings are stamped with: the machine's monotonic clock plus an offset to the worker's time. The offset is
// estimated anew from each answer, slewed when small, stepped when large. The wall clock is only the first guess, and
// tells of suspends: it moves on while the monotonic clock stands still.
import type { RunnerPlatform } from './platform.ts';

/** The offset is moved by at most this share of the time that passes (10 ms a second). */
const SLEW = 0.01;
/** Larger differences to the worker's time are stepped. */
const STEP_MS = 5000;
/** Wall and monotonic clock drifting apart by more than this between two looks is a suspend or a step. */
const JUMP_MS = 2000;
/** After a jump the worker's next answer tells what time it is; without one the wall clock is believed after this. */
const DOUBT_MS = 60_000;

/** One exchange with the worker, on the monotonic clock. */
export interface TimeSample {
  workerNow: number;
  sentMs: number;
  receivedMs: number;
}

export class Clock {
  readonly #platform: Pick<RunnerPlatform, 'now' | 'monotonicMs'>;
  readonly #onJump: Array<() => void> = [];
  #offsetMs: number;
  #targetMs: number;
  #slewedAtMs: number;
  /** Wall minus monotonic at the last look. */
  #wallMs: number;
  #doubtUntilMs = 0;
  #era = 0;

  constructor(platform: Pick<RunnerPlatform, 'now' | 'monotonicMs'>) {
    this.#platform = platform;
    const mono = platform.monotonicMs();
    this.#wallMs = platform.now() - mono;
    this.#offsetMs = this.#wallMs;
    this.#targetMs = this.#wallMs;
    this.#slewedAtMs = mono;
  }

  /** The worker's time as far as known, epoch ms with fractions. */
  now(): number {
    const mono = this.#platform.monotonicMs();
    const mostMs = (mono - this.#slewedAtMs) * SLEW;
    const wantedMs = this.#targetMs - this.#offsetMs;
    this.#offsetMs += Math.max(-mostMs, Math.min(mostMs, wantedMs));
    this.#slewedAtMs = mono;
    return mono + this.#offsetMs;
  }

  /** Counts the jumps: two equal eras mean that the time between them passed evenly. */
  get era(): number {
    return this.#era;
  }

  /** After a jump, until the time is known again: what is measured meanwhile has no vote. */
  get inDoubt(): boolean {
    return this.#platform.monotonicMs() < this.#doubtUntilMs;
  }

  /** Called at each jump, after the clock has taken the new time. */
  onJump(call: () => void): void {
    this.#onJump.push(call);
  }

  /** Compares wall and monotonic clock; to be called often. */
  look(): void {
    const mono = this.#platform.monotonicMs();
    const wallMs = this.#platform.now() - mono;
    const movedMs = wallMs - this.#wallMs;
    this.#wallMs = wallMs;
    if (Math.abs(movedMs) <= JUMP_MS) return;
    this.now();
    this.#doubtUntilMs = mono + DOUBT_MS;
    this.#jump(movedMs);
  }

  /** Takes the worker's time from an answer. Within half the round trip nothing is known better than before. */
  observe({ workerNow, sentMs, receivedMs }: TimeSample): void {
    const unsureMs = (receivedMs - sentMs) / 2;
    const mono = this.#platform.monotonicMs();
    const estimate = workerNow + unsureMs + (mono - receivedMs);
    const errorMs = estimate - this.now();
    this.#doubtUntilMs = 0;
    if (Math.abs(errorMs) > STEP_MS + unsureMs) this.#jump(errorMs);
    else if (Math.abs(errorMs) > unsureMs) {
      this.#targetMs = this.#offsetMs + errorMs - Math.sign(errorMs) * unsureMs;
    } else this.#targetMs = this.#offsetMs;
  }

  #jump(byMs: number): void {
    this.#offsetMs += byMs;
    this.#targetMs = this.#offsetMs;
    this.#era++;
    for (const call of this.#onJump) call();
  }
}
