// One file of the spool (or its stand-in in memory) and what became of each of its results.
import type { SpooledResult } from './row.ts';

/** Waits for the late stream. */
const LATE = 0;
/** In the live queue. */
const LIVE = 1;
/** Taken by the worker, or set aside: not needed any more. */
const DONE = 2;

export class Segment {
  readonly name: string;
  /** The results themselves while there is no disk to keep them. */
  readonly memory: SpooledResult[] | null;
  bytes = 0;
  newestAt = 0;
  /** Nothing is added any more. */
  sealed = false;
  /** Out of the spool: its file is gone. */
  dropped = false;
  /** How many wait for the late stream. */
  late = 0;
  /** None of those that wait for it was measured before. */
  oldestLateAt = Number.POSITIVE_INFINITY;
  #done = 0;
  #length = 0;
  #states = new Uint8Array(256);

  constructor(name: string, options: { inMemory: boolean }) {
    this.name = name;
    this.memory = options.inMemory ? [] : null;
  }

  get length(): number {
    return this.#length;
  }

  /** How many the worker does not have yet. */
  get waiting(): number {
    return this.#length - this.#done;
  }

  /** The worker does not have all of the first `count` yet. */
  waitsAmongFirst(count: number): boolean {
    return this.#states.subarray(0, count).some((state) => state !== DONE);
  }

  get allDone(): boolean {
    return this.#done === this.#length;
  }

  /** Counts results in, in the order they stand in the file; gives the index of the first. */
  add(
    results: readonly SpooledResult[],
    bytes: number,
    live: (one: SpooledResult) => boolean,
  ): number {
    const first = this.#length;
    this.#length += results.length;
    this.bytes += bytes;
    if (this.#length > this.#states.length) {
      const grown = new Uint8Array(this.#length * 2);
      grown.set(this.#states);
      this.#states = grown;
    }
    let index = first;
    for (const one of results) {
      const isLive = live(one);
      this.#states[index++] = isLive ? LIVE : LATE;
      if (!isLive) this.#addLate(one.result.at);
      this.newestAt = Math.max(this.newestAt, one.result.at);
    }
    this.memory?.push(...results);
    return first;
  }

  isLate(index: number): boolean {
    return this.#states[index] === LATE;
  }

  isLive(index: number): boolean {
    return this.#states[index] === LIVE;
  }

  done(index: number): void {
    const state = this.#states[index];
    if (state === DONE) return;
    if (state === LATE) this.late--;
    this.#states[index] = DONE;
    this.#done++;
  }

  /** Out of the live queue, on to the late stream. */
  giveUpLive(index: number, at: number): void {
    if (this.#states[index] !== LIVE) return;
    this.#states[index] = LATE;
    this.#addLate(at);
  }

  #addLate(at: number): void {
    this.late++;
    this.oldestLateAt = Math.min(this.oldestLateAt, at);
  }

  /** What is done, as ranges [from, to). */
  doneRanges(): Array<[from: number, to: number]> {
    const ranges: Array<[number, number]> = [];
    for (let index = 0; index < this.#length; index++) {
      if (this.#states[index] !== DONE) continue;
      const last = ranges.at(-1);
      if (last && last[1] === index) last[1] = index + 1;
      else ranges.push([index, index + 1]);
    }
    return ranges;
  }
}
