/** Tokens for what may be done early: `size` at once, one more every `refillMs`. Time comes from the caller. */
export class Bucket {
  readonly #size: number;
  readonly #refillMs: number;
  #fullAtMs = Number.NEGATIVE_INFINITY;

  constructor(size: number, refillMs: number) {
    this.#size = size;
    this.#refillMs = refillMs;
  }

  /** Takes a token; otherwise says how long until there is one. */
  take(nowMs: number): { ok: true } | { ok: false; waitMs: number } {
    const fullAtMs = Math.max(nowMs, this.#fullAtMs) + this.#refillMs;
    const waitMs = fullAtMs - this.#size * this.#refillMs - nowMs;
    if (waitMs > 0) return { ok: false, waitMs };
    this.#fullAtMs = fullAtMs;
    return { ok: true };
  }
}
