// What an operator types: `npm run anyup -- <command>`.
import type { Platform } from '#worker/platform.ts';
import { link } from './link.ts';

export interface Command {
  /** One line of the help. */
  about: string;
  run: (platform: Platform, say: (line: string) => void) => Promise<void>;
}

export const COMMANDS: Record<string, Command> = {
  link: { about: 'print a link that signs the owner in once, within 15 minutes', run: link },
};

export function help(): string {
  const lines = Object.entries(COMMANDS).map(([name, { about }]) => `  ${name.padEnd(8)}${about}`);
  return ['usage: npm run anyup -- <command>', '', ...lines, '  help    print this'].join('\n');
}
