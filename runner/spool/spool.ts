// Every reading is on disk before it counts as taken. Results are appended to small files, one write a wake-up; a file
// goes when all of it is with the worker. Written bytes survive the death of the process at once, and a power cut one
// second later (fdatasync at most once a second). Without a disk to write to, results are kept in memory and said so.
import * as z from 'zod';
import type { RunnerPlatform } from '#runner/platform.ts';
import { decodeFrames, encodeFrame } from './frame.ts';
import { decodeRows, encodeRows, type SpooledResult } from './row.ts';
import { Segment } from './segment.ts';

const FOLDER = 'spool';
const NAME = /^(\d{8})-[\w-]+\.seg1$/;
const STATE_FILE = `${FOLDER}/state.json`;
const SYNC_AFTER_MS = 1000;
const SAVE_AFTER_MS = 10_000;
/** A disk that failed is tried again after this. */
const RETRY_DISK_MS = 10_000;

export interface SpoolLimits {
  /** Of all files; beyond it the oldest goes. */
  bytes: number;
  /** Of what is kept without a disk. */
  memoryBytes: number;
  ageMs: number;
  /** A file is closed when it is this large. */
  segmentBytes: number;
}

export const SPOOL_LIMITS: SpoolLimits = {
  bytes: 256 * 1024 * 1024,
  memoryBytes: 16 * 1024 * 1024,
  ageMs: 7 * 86_400_000,
  segmentBytes: 256 * 1024,
};

/** A result with its place in the spool. */
export interface Held extends SpooledResult {
  segment: Segment;
  index: number;
}

const stateSchema = z.object({
  lost: z.int().min(0),
  /** By segment: ranges of results that are with the worker already. */
  done: z.record(z.string(), z.array(z.tuple([z.int().min(0), z.int().min(0)]))),
});

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
  /** Oldest first; the last may be open. */
  #segments: Segment[] = [];
  #nextNumber = 1;
  #loaded: { segment: Segment; results: SpooledResult[] } | null = null;
  /** Dropped, not yet told the worker. */
  #lost = 0;
  #lostOnTheWay = 0;
  #diskFailedMs: number | null = null;
  #unsynced = new Set<Segment>();
  #cancelSync: (() => void) | null = null;
  #cancelSave: (() => void) | null = null;
  /** Disk work is done one after the other. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(given: Given) {
    this.#given = given;
    this.#limits = given.limits ?? SPOOL_LIMITS;
  }

  /** Takes up what earlier starts left. What was measured after `recentAt` comes back for the live queue. */
  open(recentAt: number): Promise<Held[]> {
    return this.#inTurn(async () => {
      try {
        return await this.#load(recentAt);
      } catch (error) {
        this.#diskFailed(error);
        return [];
      }
    });
  }

  /** Writes results down. They are taken, and in the live queue, when this comes back. */
  append(results: readonly SpooledResult[]): Promise<Held[]> {
    return this.#inTurn(async () => {
      const frame = encodeFrame(encodeRows(results));
      const segment = (await this.#write(frame)) ?? this.#openSegment({ inMemory: true });
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
    for (const { segment, index } of held) {
      if (segment.dropped) this.#lost++;
      else segment.giveUpLive(index);
    }
  }

  /** How many results wait for the late stream. */
  get late(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.late, 0);
  }

  /** The oldest results of one shard that wait for the late stream; none when they cannot be read now. They stay until they are `done`. */
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
    this.#cancelSync?.();
    this.#cancelSave?.();
    await this.#inTurn(async () => {
      for (const segment of this.#segments) segment.sealed = true;
      await this.#removeUsedUp();
      await this.#sync();
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
    const { disk, log } = this.#given;
    const names = (await disk.list(FOLDER)).filter((name) => NAME.test(name));
    const state = await this.#loadState();
    this.#lost = state.lost;
    const recent: Held[] = [];
    for (const name of names) {
      this.#nextNumber = Math.max(this.#nextNumber, Number(name.slice(0, 8)) + 1);
      const segment = new Segment(name, { inMemory: false });
      segment.sealed = true;
      const file = await this.#readFile(segment);
      if (file === null) continue;
      const { results, bytes, torn } = file;
      if (torn) log('info', `${segment.path}: cut the end that was being written at a crash`);
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

  async #loadState(): Promise<z.output<typeof stateSchema>> {
    const bytes = await this.#given.disk.read(STATE_FILE);
    try {
      return stateSchema.parse(JSON.parse(Buffer.from(bytes ?? '').toString('utf8')));
    } catch {
      // Lost only means that some results are posted twice, which the worker does not mind.
      return { lost: 0, done: {} };
    }
  }

  /** The segment the frame went to; null when no disk takes it. */
  async #write(frame: Uint8Array): Promise<Segment | null> {
    const { disk, log, monotonicMs } = this.#given;
    const failedMs = this.#diskFailedMs;
    if (failedMs !== null && monotonicMs() - failedMs < RETRY_DISK_MS) return null;
    const segment = this.#openSegment({ inMemory: false });
    try {
      await disk.append(segment.path, frame);
    } catch (error) {
      // Part of the frame may stand there: what comes next goes to another file.
      segment.sealed = true;
      this.#diskFailed(error);
      return null;
    }
    if (failedMs !== null) log('info', 'the disk takes results again');
    this.#diskFailedMs = null;
    this.#syncSoon(segment);
    return segment;
  }

  #diskFailed(error: unknown): void {
    if (this.#diskFailedMs === null) {
      this.#given.log(
        'warn',
        `cannot keep results on disk, keeping them in memory: ${(error as Error).message}`,
      );
    }
    this.#diskFailedMs = this.#given.monotonicMs();
  }

  #warn(what: string, error: unknown): void {
    if (this.#diskFailedMs !== null) return;
    this.#given.log('warn', `${what}: ${(error as Error).message}`);
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
    const { bytes, memoryBytes, ageMs } = this.#limits;
    const oldestAt = this.#given.now() - ageMs;
    for (const segment of this.#segments.slice(0, -1)) {
      if (segment.newestAt < oldestAt) await this.#drop(segment, 'it is too old');
    }
    const isFull = (inMemory: boolean, limit: number) => {
      const same = this.#segments.filter(({ memory }) => (memory !== null) === inMemory);
      const sum = same.reduce((total, segment) => total + segment.bytes, 0);
      return same.length > 1 && sum > limit ? same[0] : undefined;
    };
    for (const [inMemory, limit] of [
      [false, bytes],
      [true, memoryBytes],
    ] as const) {
      for (let oldest = isFull(inMemory, limit); oldest; oldest = isFull(inMemory, limit)) {
        await this.#drop(oldest, 'the spool is full');
      }
    }
  }

  async #drop(segment: Segment, why: string): Promise<void> {
    if (segment.late > 0) {
      this.#given.log('warn', `dropped ${segment.late} results of ${segment.path}: ${why}`);
    }
    this.#lost += segment.late;
    await this.#remove(segment);
    this.#saveSoon();
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
    this.#unsynced.delete(segment);
    if (this.#loaded?.segment === segment) this.#loaded = null;
    if (segment.memory !== null) return;
    try {
      await this.#given.disk.remove(segment.path);
    } catch (error) {
      this.#warn(`cannot remove ${segment.path}`, error);
    }
  }

  /** Null when it cannot be read now. */
  async #read(segment: Segment): Promise<readonly SpooledResult[] | null> {
    if (segment.memory !== null) return segment.memory;
    if (this.#loaded?.segment !== segment) {
      const file = await this.#readFile(segment);
      if (file === null) return null;
      this.#loaded = { segment, results: file.results };
    }
    return this.#loaded.results;
  }

  async #readFile(segment: Segment) {
    try {
      const bytes = (await this.#given.disk.read(segment.path)) ?? new Uint8Array();
      const { payloads, torn } = decodeFrames(bytes);
      return { results: payloads.flatMap(decodeRows), bytes: bytes.byteLength, torn };
    } catch (error) {
      this.#warn(`cannot read ${segment.path}`, error);
      return null;
    }
  }

  #syncSoon(segment: Segment): void {
    this.#unsynced.add(segment);
    this.#cancelSync ??= this.#given.setTimer(SYNC_AFTER_MS, () => {
      this.#cancelSync = null;
      this.#inTurn(() => this.#sync());
    });
  }

  async #sync(): Promise<void> {
    for (const segment of this.#unsynced) {
      this.#unsynced.delete(segment);
      try {
        await this.#given.disk.sync(segment.path);
      } catch (error) {
        this.#warn(`cannot sync ${segment.path}`, error);
      }
    }
  }

  #saveSoon(): void {
    this.#cancelSave ??= this.#given.setTimer(SAVE_AFTER_MS, () => {
      this.#cancelSave = null;
      this.#inTurn(() => this.#save());
    });
  }

  async #save(): Promise<void> {
    const done: Record<string, Array<[number, number]>> = {};
    for (const segment of this.#segments) {
      const ranges = segment.memory === null ? segment.doneRanges() : [];
      if (ranges.length > 0) done[segment.name] = ranges;
    }
    const state = { lost: this.#lost + this.#lostOnTheWay, done };
    try {
      await this.#given.disk.replace(STATE_FILE, Buffer.from(JSON.stringify(state)));
    } catch (error) {
      this.#warn(`cannot write ${STATE_FILE}`, error);
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
