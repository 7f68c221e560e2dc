// One Anyup a data folder: two would judge the same checks with the same runner.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingsError } from '#worker/config.ts';

/** Takes the folder, or says who has it; gives what releases it. One that died without releasing is overtaken. */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'anyup.pid');
  const holder = holderOf(file);
  if (holder !== null) {
    throw new SettingsError(
      `another Anyup (process ${holder}) works in ${folder}; stop it, or give this one a folder of its own: ANYUP_DATA=…`,
    );
  }
  writeFileSync(file, `${process.pid}\n`);
  return () => rmSync(file, { force: true });
}

/** The process that holds the file, if it lives and is not us. */
function holderOf(file: string): number | null {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return null;
    process.kill(pid, 0);
    return pid;
  } catch {
    return null;
  }
}
