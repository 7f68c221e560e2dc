/** A span of time that has begun: everything one probe does shares it. */
export class Deadline {
  readonly timeoutMs: number;
  readonly #startedAt = performance.now();

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs;
  }

  /** Milliseconds until the end, never negative. */
  leftMs(): number {
    return Math.max(0, this.timeoutMs - (performance.now() - this.#startedAt));
  }

  /** A deadline for the first of `parts` equal parts of what is left. */
  share(parts: number): Deadline {
    return parts > 1 ? new Deadline(Math.ceil(this.leftMs() / parts)) : this;
  }

  /** Whole microseconds since the beginning. */
  elapsedUs(): number {
    return microsSince(this.#startedAt);
  }
}

/** Whole microseconds since a `performance.now()`; at least 1, so that "took no time" never reads as "did not happen". */
export function microsSince(startedAt: number): number {
  return Math.max(1, Math.round((performance.now() - startedAt) * 1000));
}
