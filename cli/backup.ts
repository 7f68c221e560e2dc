import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { backupText } from '#worker/backup/download.ts';
import type { Actor } from '#worker/platform.ts';
import type { Command } from './commands.ts';
import { partsOf } from './parts.ts';

/** Whoever may open the database and the secrets is the owner. */
export const OPERATOR: Actor = { name: 'command line', role: 'owner', via: 'key' };

/** Writes a backup to a file, or to the standard output. */
export const backup: Command['run'] = async (platform, say, args) => {
  const { flags, names } = partsOf(args, ['--full'], 1);
  const [file] = names;
  const text = Readable.from(backupText(platform, OPERATOR, { full: flags.has('--full') }));
  if (file === undefined) {
    await pipeline(text, process.stdout, { end: false });
    return;
  }
  const path = resolve(process.env.ANYUP_CALLER_CWD ?? '.', file);
  await pipeline(text, createWriteStream(path, { mode: 0o600 }));
  say(`written to ${path}`);
};
