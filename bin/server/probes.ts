import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EXAMPLES = fileURLToPath(new URL('../../runner/probes-examples', import.meta.url));

/** Makes the folder of allowed scripts with the examples in it; one that exists is its owner's and stays as it is. */
export function copyProbes(folder: string): void {
  if (existsSync(folder)) return;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const entry of readdirSync(EXAMPLES, { withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.md')) continue;
    const copy = join(folder, entry.name);
    copyFileSync(join(EXAMPLES, entry.name), copy);
    chmodSync(copy, 0o755);
  }
}
