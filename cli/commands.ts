// What an operator types: `npm run anyup -- <command>`.
import type { Platform } from '#worker/platform.ts';
import { backup } from './backup.ts';
import { link } from './link.ts';
import { restore } from './restore.ts';

export interface Command {
  /** One line of the help. */
  about: string;
  run: (platform: Platform, say: (line: string) => void, args: readonly string[]) => Promise<void>;
  /** What may follow its name. */
  takes?: string;
}

export const COMMANDS: Record<string, Command> = {
  backup: {
    about: 'write what is set up, with --full history too, to a file or the output',
    takes: '[--full] [file]',
    run: backup,
  },
  link: { about: 'print a link that signs the owner in once, within 15 minutes', run: link },
  restore: {
    about: 'restore a backup: adds and changes, removes nothing unless told to',
    takes: '<file> [--dry-run] [--replace]',
    run: restore,
  },
};

export function help(): string {
  const lines = Object.entries(COMMANDS).flatMap(([name, { about, takes }]) => [
    `  ${name.padEnd(8)}${about}`,
    ...(takes === undefined ? [] : [`          ${takes}`]),
  ]);
  return ['usage: npm run -s anyup -- <command>', '', ...lines, '  help    print this'].join('\n');
}
