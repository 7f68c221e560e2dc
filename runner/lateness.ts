/** How late the last few hundred probes began after their slots. */
export class Lateness {
  readonly #ms = new Float32Array(512);
  #count = 0;

  add(ms: number): void {
    this.#ms[this.#count++ % this.#ms.length] = ms;
  }

  /** The value that this share of them stayed below; null = none yet. */
  percentile(share: number): number | null {
    const count = Math.min(this.#count, this.#ms.length);
    if (count === 0) return null;
    const sorted = this.#ms.slice(0, count).sort();
    const ms = sorted[Math.min(count - 1, Math.floor(share * count))] ?? 0;
    return Math.round(ms * 10) / 10;
  }
}
