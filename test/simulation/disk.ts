// A runner's disk: slow by milliseconds, sometimes full or read-only, torn where the power or the process went.
import type { Disk } from '#runner/platform.ts';

export interface Stored {
  bytes: Uint8Array;
  /** So many of them would survive a power cut. */
  synced: number;
  /** What was added since, in order: up to which length, and when. */
  unsynced: ReadonlyArray<{ to: number; at: number }>;
}

export type Files = Map<string, Stored>;

export class VirtualDisk {
  files: Files = new Map();
  trouble: 'full' | 'read-only' | null = null;
  /** Sees every append that reached the file whole. */
  readonly #appended: (path: string, bytes: Uint8Array) => void;

  readonly #now: () => number;

  constructor(now: () => number, appended: (path: string, bytes: Uint8Array) => void) {
    this.#now = now;
    this.#appended = appended;
  }

  snapshot(): Files {
    return new Map([...this.files].map(([path, stored]) => [path, { ...stored }]));
  }

  /** What the kernel has written by itself: all that is older. */
  writeBack(before: number): void {
    for (const stored of this.files.values()) {
      const written = stored.unsynced.filter(({ at }) => at < before);
      stored.synced = Math.max(stored.synced, ...written.map(({ to }) => to));
      stored.unsynced = stored.unsynced.slice(written.length);
    }
  }

  /** What was not synced is gone, or part of it; `zeros`: the files keep their lengths, as some file systems do. */
  powerCut(share: number, zeros: boolean): void {
    for (const [path, { bytes, synced }] of this.files) {
      const kept = synced + (zeros ? 0 : Math.floor((bytes.byteLength - synced) * share));
      const left = bytes.slice(0, zeros ? bytes.byteLength : kept).fill(0, kept);
      this.files.set(path, { bytes: left, synced: left.byteLength, unsynced: [] });
    }
  }

  list(folder: string): string[] {
    const inside = [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`));
    return inside.map((path) => path.slice(folder.length + 1)).sort();
  }

  append(path: string, bytes: Uint8Array): void {
    if (this.trouble === 'full') this.tear(path, bytes, 0.5);
    this.#check();
    this.#add(path, bytes);
    this.#appended(path, bytes);
  }

  /** Only part of an append gets there. */
  tear(path: string, bytes: Uint8Array, share: number): void {
    this.#add(path, bytes.subarray(0, Math.floor(bytes.byteLength * share)));
  }

  #add(path: string, part: Uint8Array): void {
    const before = this.files.get(path);
    const bytes = Buffer.concat([before?.bytes ?? new Uint8Array(), part]);
    const unsynced = [...(before?.unsynced ?? []), { to: bytes.byteLength, at: this.#now() }];
    this.files.set(path, { bytes, synced: before?.synced ?? 0, unsynced });
  }

  sync(path: string): void {
    this.#check();
    const stored = this.files.get(path);
    if (!stored) throw failure('ENOENT', `no ${path}`);
    stored.synced = stored.bytes.byteLength;
    stored.unsynced = [];
  }

  replace(path: string, bytes: Uint8Array, { sync } = { sync: true }): void {
    this.#check();
    const to = bytes.byteLength;
    const unsynced = sync ? [] : [{ to, at: this.#now() }];
    this.files.set(path, { bytes, synced: sync ? to : 0, unsynced });
  }

  remove(path: string): void {
    if (this.trouble === 'read-only') this.#check();
    this.files.delete(path);
  }

  #check(): void {
    if (this.trouble === 'full') throw failure('ENOSPC', 'no space left on device');
    if (this.trouble === 'read-only') throw failure('EROFS', 'read-only file system');
  }
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** The disk as a process sees it: every call takes its time, and none comes back to a process that is gone. */
export function diskFor(
  disk: VirtualDisk,
  life: { inTime: <T>(work: () => T, torn?: (share: number) => void) => Promise<T> },
): Disk {
  return {
    list: (folder) => life.inTime(() => disk.list(folder)),
    read: (path) => life.inTime(() => disk.files.get(path)?.bytes ?? null),
    append: (path, bytes) =>
      life.inTime(
        () => disk.append(path, bytes),
        (share) => disk.tear(path, bytes, share),
      ),
    sync: (path) => life.inTime(() => disk.sync(path)),
    replace: (path, bytes, options) => life.inTime(() => disk.replace(path, bytes, options)),
    remove: (path) => life.inTime(() => disk.remove(path)),
    restrict: () => Promise.resolve(false),
  };
}
