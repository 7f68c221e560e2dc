import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { microsSince } from '../deadline.ts';
import { exhausted, Failure, isExhausted, messageOf } from '../failure.ts';
import { Output } from './output.ts';

const STDOUT_BYTES = 64 * 1024;
const STDERR_BYTES = 8 * 1024;
/** From asking a process group to end until it is made to. */
const KILL_AFTER_MS = 500;
/** What the script's children may still print once it has ended itself. */
const LINGER_MS = 500;

export interface ScriptCall {
  path: string;
  args: readonly string[];
  folder: string;
  environment: Record<string, string>;
  timeoutMs: number;
}

/** What came of a script. */
export interface Ended {
  how: { type: 'exit'; code: number } | { type: 'signal'; signal: string } | { type: 'timeout' };
  stdout: string;
  stderr: string;
  /** Standard output was longer than what is kept. */
  cut: boolean;
  tookUs: number;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Process groups that must not outlive the runner. */
const alive = new Set<number>();
process.once('exit', () => {
  for (const group of alive) signalGroup(group, 'SIGKILL');
});

/** Runs a script in a process group of its own. `onGone` comes when nothing of it is left, which may be after the answer. */
export function runScript(call: ScriptCall, onGone: () => void): Promise<Ended | Failure> {
  const startedAt = performance.now();
  const child = start(call);
  if (child instanceof Failure) {
    onGone();
    return Promise.resolve(child);
  }
  const stdout = new Output(child.stdout, STDOUT_BYTES);
  const stderr = new Output(child.stderr, STDERR_BYTES);
  return new Promise((resolve) => {
    let tookUs = 0;
    const settle = (how: Ended['how']) => {
      tookUs ||= microsSince(startedAt);
      resolve({ how, stdout: stdout.text(), stderr: stderr.text(), cut: stdout.cut, tookUs });
    };
    const expiry = setTimeout(() => {
      settle({ type: 'timeout' });
      endGroup(child);
    }, call.timeoutMs);
    child.once('error', (error) => {
      clearTimeout(expiry);
      resolve(startFailure(error));
      if (child.pid === undefined) onGone();
    });
    child.once('exit', () => {
      clearTimeout(expiry);
      tookUs = microsSince(startedAt);
      const linger = setTimeout(() => hangUp(child), LINGER_MS);
      child.once('close', () => clearTimeout(linger));
    });
    child.once('close', (code, signal) => {
      settle(signal ? { type: 'signal', signal } : { type: 'exit', code: code ?? 0 });
      if (child.pid === undefined) return;
      signalGroup(child.pid, 'SIGKILL');
      alive.delete(child.pid);
      onGone();
    });
  });
}

function start({ path, args, folder, environment }: ScriptCall): Child | Failure {
  try {
    const child = spawn(path, args, {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) alive.add(child.pid);
    if (child.stdout) return child;
    // Out of descriptors, Node gives up half-way and tells why only later.
    child.on('error', () => {});
    return new Failure('unable.resources', 'no file descriptor is left to start the script with');
  } catch (error) {
    return startFailure(error);
  }
}

function startFailure(error: unknown): Failure {
  if (isExhausted(error)) return exhausted(error);
  return new Failure('unable.script', `the script does not start: ${messageOf(error)}`);
}

/** Asks the whole group to end, then makes it. */
function endGroup(child: Child): void {
  const { pid } = child;
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  const insist = setTimeout(() => {
    signalGroup(pid, 'SIGKILL');
    hangUp(child);
  }, KILL_AFTER_MS);
  child.once('close', () => clearTimeout(insist));
}

/** Stops listening to whoever still holds the pipes. */
function hangUp(child: Child): void {
  child.stdout.destroy();
  child.stderr.destroy();
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}
