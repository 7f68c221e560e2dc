/** What is remembered of checks from one look to the next; the ones looked at longest ago are forgotten. */
export class Memo<T> {
  readonly #kept = new Map<string, T>();
  readonly #most: number;

  constructor(most = 1000) {
    this.#most = most;
  }

  get(identity: string): T | undefined {
    return this.#kept.get(identity);
  }

  set(identity: string, value: T): void {
    this.#kept.delete(identity);
    this.#kept.set(identity, value);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#most && oldest !== undefined) this.#kept.delete(oldest);
  }
}
