// Every reading is on disk before it counts as taken. Results are appended to small files, one write a wake-up; a file
// goes when all of it is with the worker. Without a disk to write to, results are kept in memory, and that is said.
import type { RunnerPlatform } from '#runner/platform.ts';
import { overBounds, SPOOL_LIMITS, type SpoolLimits } from './bounds.ts';
import { numberOf, SpoolFiles } from './files.ts';
import { encodeFrame } from './frame.ts';
import { encodeRows, type SpooledResult } from './row.ts';
import { Segment } from './segment.ts';
import { readState, writeState } from './state.ts';

/** What was posted since may be posted again after a crash, which the worker does not mind. */
const SAVE_AFTER_MS = 60_000;

/** A result with its place in the spool. */
export interface Held extends SpooledResult {
  segment: Segment;
  index: number;
}

type Given = Pick<RunnerPlatform, 'disk' | 'log' | 'setTimer' | 'monotonicMs'> & {
  /** Epoch ms by the runner's clock. */
  now: () => number;
  /** Tells the files of this start from those of others. */
  boot: string;
  limits?: SpoolLimits;
};

export class Spool {
  readonly #given: Given;
  readonly #limits: SpoolLimits;
  readonly #files: SpoolFiles;
  /** Oldest first; the last may be open. */
  #segments: Segment[] = [];
  #nextNumber = 1;
  #loaded: { segment: Segment; results: readonly SpooledResult[] } | null = null;
  /** Dropped, not told yet; and those that a post on its way tells. */
  #lost = 0;
  #lostOnTheWay = 0;
  #lostInAll = 0;
  #cancelSave: (() => void) | null = null;
  /** Disk work is done one after the other. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(given: Given) {
    this.#given = given;
    this.#limits = given.limits ?? SPOOL_LIMITS;
    this.#files = new SpoolFiles(given);
  }

  /** Takes up what earlier starts left. What was measured after `recentAt` comes back for the live queue. */
  open(recentAt: number): Promise<Held[]> {
    return this.#inTurn(async () => {
      try {
        return await this.#load(recentAt);
      } catch (error) {
        this.#files.failed(error);
        return [];
      }
    });
  }

  /** Writes results down. They are taken, and in the live queue, when this comes back. */
  append(results: readonly SpooledResult[]): Promise<Held[]> {
    return this.#inTurn(async () => {
      const frame = encodeFrame(encodeRows(results));
      const segment = await this.#write(frame);
      const first = segment.add(results, frame.byteLength, () => true);
      await this.#keepBounds();
      return results.map((one, offset) => ({ ...one, segment, index: first + offset }));
    });
  }

  /** With the worker, or set aside: need not be kept. */
  done(held: readonly Held[]): void {
    for (const { segment, index } of held) segment.done(index);
    const touched = new Set(held.map(({ segment }) => segment));
    if ([...touched].some((segment) => this.#isUsedUp(segment))) {
      this.#inTurn(() => this.#removeUsedUp());
    }
    this.#saveSoon();
  }

  /** Out of the live queue: the late stream will come by. */
  toLate(held: readonly Held[]): void {
    for (const { segment, index, result } of held) {
      if (segment.dropped) this.#lose(1);
      else segment.giveUpLive(index, result.at);
    }
  }

  /** How many results wait for the late stream. */
  get late(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.late, 0);
  }

  /** How many results the worker does not have yet. */
  get depth(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.waiting, 0);
  }

  /** When the oldest of those that wait for the late stream was measured, at the latest; null = none waits. */
  get oldestLateAt(): number | null {
    const times = this.#segments.filter(({ late }) => late > 0).map((each) => each.oldestLateAt);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** Dropped since this start. */
  get lostInAll(): number {
    return this.#lostInAll;
  }

  /**
   * The oldest results of one shard that wait for the late stream; none when they cannot be read now. They stay until
   * they are `done`.
   */
  nextLate(max: number): Promise<Held[]> {
    return this.#inTurn(async () => {
      for (;;) {
        const segment = this.#segments.find(({ late }) => late > 0);
        if (!segment) return [];
        segment.sealed = true;
        const results = await this.#read(segment);
        if (results === null) return [];
        const found = pickLate(segment, results, max);
        if (found.length > 0) return found;
        await this.#drop(segment, 'they are not in it any more');
      }
    });
  }

  /** The count of dropped results to tell with the next post; `told` or `untold` follows. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    this.#lostOnTheWay += lost;
    return lost;
  }

  told(lost: number): void {
    this.#lostOnTheWay -= lost;
  }

  untold(lost: number): void {
    this.#lostOnTheWay -= lost;
    this.#lost += lost;
  }

  /** Writes the last of the state down. */
  async close(): Promise<void> {
    this.#cancelSave?.();
    await this.#inTurn(async () => {
      for (const segment of this.#segments) segment.sealed = true;
      await this.#removeUsedUp();
      await this.#files.sync();
      await this.#save();
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch((error: Error) => {
      this.#given.log('error', `spool: ${error.stack ?? error.message}`);
    });
    return done;
  }

  async #load(recentAt: number): Promise<Held[]> {
    const state = await readState(this.#given);
    this.#lost = state.lost;
    const recent: Held[] = [];
    for (const name of await this.#files.names()) {
      this.#nextNumber = Math.max(this.#nextNumber, numberOf(name) + 1);
      const segment = new Segment(name, { inMemory: false });
      segment.sealed = true;
      const file = await this.#files.read(segment);
      if (file === null) continue;
      const { results, bytes } = file;
      segment.add(results, bytes, ({ result }) => result.at > recentAt);
      for (const [from, to] of state.done[name] ?? []) {
        for (let index = from; index < Math.min(to, results.length); index++) segment.done(index);
      }
      this.#segments.push(segment);
      for (const [index, one] of results.entries()) {
        if (segment.isLive(index)) recent.push({ ...one, segment, index });
      }
    }
    await this.#removeUsedUp();
    return recent;
  }

  /** The segment that has the frame now: on disk, or else in memory. */
  async #write(frame: Uint8Array): Promise<Segment> {
    if (this.#files.isWorthTrying) {
      const segment = this.#openSegment({ inMemory: false });
      if (await this.#files.append(segment, frame)) return segment;
      segment.sealed = true;
    }
    return this.#openSegment({ inMemory: true });
  }

  #openSegment(options: { inMemory: boolean }): Segment {
    const last = this.#segments.at(-1);
    const fits =
      last !== undefined &&
      !last.sealed &&
      (last.memory !== null) === options.inMemory &&
      last.bytes < this.#limits.segmentBytes;
    if (fits) return last;
    if (last) last.sealed = true;
    const number = String(this.#nextNumber++).padStart(8, '0');
    const segment = new Segment(`${number}-${this.#given.boot}.seg1`, options);
    this.#segments.push(segment);
    return segment;
  }

  async #keepBounds(): Promise<void> {
    for (;;) {
      const over = overBounds(this.#segments, this.#limits, this.#given.now());
      if (over === null) return;
      await this.#drop(over.segment, over.why);
    }
  }

  async #drop(segment: Segment, why: string): Promise<void> {
    if (segment.late > 0) {
      this.#given.log('warn', `dropped ${segment.late} results of ${segment.name}: ${why}`);
    }
    this.#lose(segment.late);
    await this.#remove(segment);
    this.#saveSoon();
  }

  #lose(count: number): void {
    this.#lost += count;
    this.#lostInAll += count;
  }

  async #removeUsedUp(): Promise<void> {
    for (const segment of this.#segments.filter((one) => this.#isUsedUp(one))) {
      await this.#remove(segment);
    }
  }

  /** All of it is with the worker, and it is closed or large enough to begin another. */
  #isUsedUp(segment: Segment): boolean {
    const closed = segment.sealed || segment.bytes >= this.#limits.segmentBytes / 4;
    return closed && segment.allDone && !segment.dropped;
  }

  async #remove(segment: Segment): Promise<void> {
    segment.sealed = true;
    segment.dropped = true;
    this.#segments = this.#segments.filter((one) => one !== segment);
    if (this.#loaded?.segment === segment) this.#loaded = null;
    if (segment.memory === null) await this.#files.remove(segment);
  }

  async #read(segment: Segment): Promise<readonly SpooledResult[] | null> {
    if (segment.memory !== null) return segment.memory;
    if (this.#loaded?.segment !== segment) {
      const file = await this.#files.read(segment);
      if (file === null) return null;
      this.#loaded = { segment, results: file.results };
    }
    return this.#loaded.results;
  }

  #saveSoon(): void {
    this.#cancelSave ??= this.#given.setTimer(SAVE_AFTER_MS, () => {
      this.#cancelSave = null;
      this.#inTurn(() => this.#save());
    });
  }

  async #save(): Promise<void> {
    try {
      await writeState(this.#given, this.#segments, this.#lost + this.#lostOnTheWay);
    } catch (error) {
      this.#files.warn('cannot write the state of the spool', error);
    }
  }
}

/** The first waiting results of one shard, that of the first one waiting. */
function pickLate(segment: Segment, results: readonly SpooledResult[], max: number): Held[] {
  const found: Held[] = [];
  for (let index = 0; index < results.length && found.length < max; index++) {
    const one = results[index];
    if (one === undefined || !segment.isLate(index)) continue;
    if (found.length === 0 || found[0]?.shard === one.shard) found.push({ ...one, segment, index });
  }
  return found;
}
