// The files of the spool on a disk that may be full, read-only or failing. Written bytes survive the death of the
// process at once, and a power cut when they have waited for the worker for less than a minute. What it takes in time is
// never synced: that would cost more than all the pings of a second, and wear memory cards out.
import type { RunnerPlatform } from '#runner/platform.ts';
import { decodeFrames } from './frame.ts';
import { decodeRows, type SpooledResult } from './row.ts';
import type { Segment } from './segment.ts';

const FOLDER = 'spool';
const NAME = /^\d{8}-[\w-]+\.seg1$/;
/** Longer than from one flush to the next. */
const SYNC_EVERY_MS = 20_000;
/** A disk that failed is tried again after this. */
const RETRY_MS = 10_000;

type Given = Pick<RunnerPlatform, 'disk' | 'log' | 'setTimer' | 'monotonicMs'>;

/** The number in a segment's name; higher is younger. */
export function numberOf(name: string): number {
  return Number(name.slice(0, 8));
}

export class SpoolFiles {
  readonly #given: Given;
  #failedMs: number | null = null;
  /** Segments with something that is not synced; how many results each held at the last look. */
  readonly #unsynced = new Map<Segment, number>();
  #cancelLook: (() => void) | null = null;

  constructor(given: Given) {
    this.#given = given;
  }

  /** Names of the segments on disk, oldest first. */
  async names(): Promise<string[]> {
    return (await this.#given.disk.list(FOLDER)).filter((name) => NAME.test(name));
  }

  /** False while the disk failed a moment ago: not worth a try. */
  get isWorthTrying(): boolean {
    return this.#failedMs === null || this.#given.monotonicMs() - this.#failedMs >= RETRY_MS;
  }

  /** True when the frame is in the file. Otherwise part of it may be, and the file is not to be added to. */
  async append(segment: Segment, frame: Uint8Array): Promise<boolean> {
    const { disk, log } = this.#given;
    try {
      await disk.append(pathOf(segment), frame);
    } catch (error) {
      this.failed(error);
      return false;
    }
    if (this.#failedMs !== null) log('info', 'the disk takes results again');
    this.#failedMs = null;
    if (!this.#unsynced.has(segment)) this.#unsynced.set(segment, 0);
    this.#lookSoon();
    return true;
  }

  /** What a segment holds, up to any damage; null when it cannot be read now. */
  async read(segment: Segment): Promise<{ results: SpooledResult[]; bytes: number } | null> {
    const { disk, log } = this.#given;
    const path = pathOf(segment);
    try {
      const bytes = (await disk.read(path)) ?? new Uint8Array();
      const { payloads, torn } = decodeFrames(bytes);
      if (torn) log('info', `${path}: cut the end that was being written at a crash`);
      return { results: payloads.flatMap(decodeRows), bytes: bytes.byteLength };
    } catch (error) {
      this.warn(`cannot read ${path}`, error);
      return null;
    }
  }

  async remove(segment: Segment): Promise<void> {
    const path = pathOf(segment);
    this.#unsynced.delete(segment);
    try {
      await this.#given.disk.remove(path);
    } catch (error) {
      this.warn(`cannot remove ${path}`, error);
    }
  }

  /** All of it, at once. */
  async sync(): Promise<void> {
    this.#cancelLook?.();
    this.#cancelLook = null;
    for (const segment of [...this.#unsynced.keys()]) await this.#sync(segment);
  }

  async #sync(segment: Segment): Promise<void> {
    const path = pathOf(segment);
    this.#unsynced.delete(segment);
    try {
      await this.#given.disk.sync(path);
    } catch (error) {
      // Sent and removed meanwhile, most likely; what is still there is tried again.
      this.#given.log('debug', `cannot sync ${path}: ${(error as Error).message}`);
      if (!segment.dropped) this.#unsynced.set(segment, segment.length);
    }
  }

  failed(error: unknown): void {
    if (this.#failedMs === null) {
      const why = (error as Error).message;
      this.#given.log('warn', `cannot keep results on disk, keeping them in memory: ${why}`);
    }
    this.#failedMs = this.#given.monotonicMs();
  }

  /** Says it, unless it is said already that the disk fails. */
  warn(what: string, error: unknown): void {
    if (this.#failedMs === null) this.#given.log('warn', `${what}: ${(error as Error).message}`);
  }

  #lookSoon(): void {
    this.#cancelLook ??= this.#given.setTimer(SYNC_EVERY_MS, () => {
      this.#cancelLook = null;
      this.#look();
    });
  }

  /** Syncs what was there at the last look and still waits. */
  async #look(): Promise<void> {
    for (const [segment, before] of [...this.#unsynced]) {
      if (segment.allDone) this.#unsynced.delete(segment);
      else if (segment.waitsAmongFirst(before)) await this.#sync(segment);
      else this.#unsynced.set(segment, segment.length);
    }
    if (this.#unsynced.size > 0) this.#lookSoon();
  }
}

function pathOf({ name }: Segment): string {
  return `${FOLDER}/${name}`;
}
