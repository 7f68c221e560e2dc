/** Lets so many at once; the others wait in line. */
export class Turns {
  #free: number;
  readonly #line: Array<() => void> = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** False when no turn came in time; else `done` must be called once. */
  take(patienceMs: number): Promise<boolean> {
    if (this.#free > 0) {
      this.#free -= 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const called = () => {
        clearTimeout(expiry);
        resolve(true);
      };
      const expiry = setTimeout(() => {
        this.#line.splice(this.#line.indexOf(called), 1);
        resolve(false);
      }, patienceMs);
      this.#line.push(called);
    });
  }

  done(): void {
    const next = this.#line.shift();
    if (next) next();
    else this.#free += 1;
  }
}
