// The last good copy of the public page, in a file.
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { LastGood } from '#worker/platform.ts';

/** Replaced whole, so that a crash leaves the copy before. */
export function copyInFile(file: string): LastGood {
  let turn = 0;
  return {
    read: async () => {
      try {
        return await readFile(file, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
    write: async (text) => {
      const next = `${file}.${process.pid}.${turn++}`;
      await writeFile(next, text, { mode: 0o600 });
      await rename(next, file);
    },
  };
}
