// The data folder on a real file system: private to its owner, written so that a crash leaves the old or the new.
import { constants } from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Disk } from '#runner/platform.ts';

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** A disk rooted at a folder, which is made when missing. */
export function nodeDisk(root: string): Disk {
  const full = (path: string) => join(root, path);
  const appended = new OpenedLast();
  return {
    async list(folder) {
      try {
        const entries = await readdir(full(folder), { withFileTypes: true });
        return entries
          .filter((entry) => entry.isFile())
          .map(({ name }) => name)
          .sort();
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    },
    async read(path) {
      try {
        return await readFile(full(path));
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    async append(path, bytes) {
      const file = await appended.open(full(path));
      try {
        await file.writeFile(bytes);
      } catch (error) {
        await appended.close(full(path));
        throw error;
      }
    },
    async sync(path) {
      const held = appended.held(full(path));
      if (held) return held.datasync();
      const file = await open(full(path), constants.O_RDWR);
      try {
        await file.datasync();
      } finally {
        await file.close();
      }
    },
    async replace(path, bytes, { sync } = { sync: true }) {
      const target = full(path);
      await withFile(`${target}.new`, 'w', async (file) => {
        await file.writeFile(bytes);
        if (sync) await file.datasync();
      });
      await rename(`${target}.new`, target);
      if (sync) await syncFolder(dirname(target));
    },
    async remove(path) {
      await appended.close(full(path));
      await rm(full(path), { force: true });
    },
    async restrict(path) {
      const { mode } = await stat(full(path));
      if ((mode & 0o077) === 0) return false;
      await chmod(full(path), PRIVATE_FILE);
      return true;
    },
  };
}

type OpenFile = Awaited<ReturnType<typeof open>>;

/** A file that was not added to for this long is closed. */
const IDLE_MS = 30_000;

/** The file that was added to last stays open: opening and closing it each time costs more than the writing. */
class OpenedLast {
  #last: { path: string; file: OpenFile; idle: NodeJS.Timeout } | null = null;

  async open(path: string): Promise<OpenFile> {
    const held = this.held(path);
    if (held) {
      this.#last?.idle.refresh();
      return held;
    }
    if (this.#last) await this.close(this.#last.path);
    const file = await openMaking(path, 'a');
    const idle = setTimeout(() => this.close(path).catch(() => {}), IDLE_MS).unref();
    this.#last = { path, file, idle };
    return file;
  }

  held(path: string): OpenFile | null {
    return this.#last?.path === path ? this.#last.file : null;
  }

  async close(path: string): Promise<void> {
    const file = this.held(path);
    if (!file) return;
    clearTimeout(this.#last?.idle);
    this.#last = null;
    await file.close();
  }
}

async function withFile(
  path: string,
  flags: 'a' | 'w',
  use: (file: OpenFile) => Promise<void>,
): Promise<void> {
  const file = await openMaking(path, flags);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}

async function openMaking(path: string, flags: 'a' | 'w'): Promise<OpenFile> {
  try {
    return await open(path, flags, PRIVATE_FILE);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
    return open(path, flags, PRIVATE_FILE);
  }
}

/** A renamed file is only sure to be found under its new name once its folder is on disk too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
