// Looking names up by the system, on its handful of threads: a few names whose servers are silent would keep all others
// waiting, so those of which nobody has heard anything take one thread at a time, and who has waited too long is let go.
import { lookup } from 'node:dns/promises';
import type { FamilyChoice } from './resolve.ts';

export type Found = Array<{ address: string; family: number }>;

/** Somebody who waits for an answer. */
export interface Wanted {
  host: string;
  family: FamilyChoice;
  /** Nobody waits for it any longer than this (`performance.now()`). */
  untilMs: number;
}

class Lane {
  readonly #atOnce: number;
  readonly #waiting: Array<() => void> = [];
  #busy = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Rejects as `dns.lookup` does, or with ETIMEOUT when its turn never came. */
  take(wanted: Wanted): Promise<Found> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        if (performance.now() >= wanted.untilMs) {
          reject(Object.assign(new Error('its turn never came'), { code: 'ETIMEOUT' }));
          return;
        }
        this.#busy++;
        askSystem(wanted)
          .then(resolve, reject)
          .finally(() => {
            this.#busy--;
            this.#next();
          });
      });
      this.#next();
    });
  }

  #next(): void {
    while (this.#busy < this.#atOnce) {
      const start = this.#waiting.shift();
      if (!start) return;
      start();
    }
  }
}

function askSystem({ host, family }: Wanted): Promise<Found> {
  return lookup(host, { all: true, family: family === 'any' ? 0 : Number(family) });
}

/** For names that somebody answers for. */
export const SURE = new Lane(4);
export const DOUBTFUL = new Lane(1);
