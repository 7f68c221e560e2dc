// The runner as people start it: from its sources, or bundled as the npm package is.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { THRIFTY_ENV, THRIFTY_FLAGS } from '../../bin/thrift.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** How a runner is started. */
export interface Form {
  name: string;
  file: string;
  words: string[];
}

export const FROM_SOURCES: Form = { name: 'Anyup', file: 'bin/runner.ts', words: [] };
export const PACKED: Form = {
  name: 'Anyup, packed',
  file: 'dist/npm/anyup.mjs',
  words: ['runner', 'start'],
};

export interface RunnerProcess {
  pid: number;
  /** Ends it, so that it posts what it still has. */
  stop: () => Promise<void>;
  kill: () => void;
  /** Asks what was loaded into it (`withChannel`), one at a time. */
  ask: <Answer>() => Promise<Answer>;
  /** What it had to say. */
  said: () => string;
}

export function newCode(): string {
  // One that begins with a dash would be taken for a flag.
  return randomBytes(16).toString('hex');
}

interface Terms {
  folder: string;
  url: string;
  code: string;
  /** For Node. */
  flags: string[];
  withChannel?: boolean;
}

export function startRunner(
  form: Form,
  { folder, url, code, flags, withChannel = false }: Terms,
): RunnerProcess {
  const data = join(folder, `runner-${code}`);
  mkdirSync(data, { recursive: true });
  const args = ['--url', url, '--join', code, '--name', 'bench', '--data', data];
  const rest = ['--probes', join(folder, 'probes'), '--canaries', 'off', '--log', 'warn'];
  const log = join(data, 'stderr');
  const stderr = openSync(log, 'w');
  const authority = join(ROOT, 'test/support/certs/authority.crt');
  const child = spawn(
    process.execPath,
    [...THRIFTY_FLAGS, ...flags, join(ROOT, form.file), ...form.words, ...args, ...rest],
    {
      cwd: ROOT,
      env: { ...THRIFTY_ENV, ...process.env, NODE_EXTRA_CA_CERTS: authority },
      stdio: ['ignore', 'ignore', stderr, ...(withChannel ? (['ipc'] as const) : [])],
    },
  );
  closeSync(stderr);
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await gone;
    clearTimeout(force);
  };
  const said = () => readFileSync(log, 'utf8').trim();
  const ask = <Answer>() =>
    new Promise<Answer>((resolve) => {
      child.once('message', (answer) => resolve(answer as Answer));
      child.send({});
    });
  return { pid: child.pid ?? 0, stop, kill: () => child.kill('SIGKILL'), ask, said };
}
