import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of probes for one test. */
export interface Scripts {
  folder: string;
  /** Adds an executable shell script; gives its path. */
  add: (name: string, body: string, mode?: number) => string;
  remove: () => void;
}

export function scriptFolder(): Scripts {
  const folder = mkdtempSync(join(tmpdir(), 'anyup-probes-'));
  return {
    folder,
    add: (name, body, mode = 0o755) => {
      const path = join(folder, name);
      writeFileSync(path, `#!/bin/sh\n${body}\n`);
      chmodSync(path, mode);
      return path;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
