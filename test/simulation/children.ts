// Processes that live through seeds for whoever asks.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Report } from './child.ts';

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
const READS_TSX = new URL('../../bin/jsx.mjs', import.meta.url).href;

/** Starts one with the arguments of child.ts; `each` hears of every seed as it is over. */
export function startChild(
  args: string[],
  each: (report: Report) => void,
  env: Record<string, string> = {},
): ChildProcess {
  const child = fork(CHILD, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: ['--import', READS_TSX],
    env: { ...process.env, ...env },
  });
  child.on('message', (report) => each(report as Report));
  return child;
}

/** Resolves when it is gone, whatever it did. */
export function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('error', () => resolve());
    child.on('exit', () => resolve());
  });
}
