/** From asking to when the kernel must have begun to stamp: with others at work that takes some milliseconds, or many. */
const BEGIN_MS = 10_000;

/**
 * Whether the kernel tells a time that it is asked for. It is taken to: one time told proves it for good, none only
 * counts once it has had the time to begin. All times by `performance.now()`.
 */
export class Telling {
  readonly #askedAt: number;
  #hasTold = false;
  #isMute = false;

  constructor(askedAt: number) {
    this.#askedAt = askedAt;
  }

  /** `told`: whether this time there was one. */
  note(told: boolean, at: number): void {
    this.#hasTold ||= told;
    this.#isMute = !this.#hasTold && (this.#isMute || at - this.#askedAt >= BEGIN_MS);
  }

  isMute(): boolean {
    return this.#isMute;
  }
}
