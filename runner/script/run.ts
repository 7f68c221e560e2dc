import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { microsSince } from '../deadline.ts';
import { exhausted, Failure, isExhausted, messageOf } from '../failure.ts';
import { endMarked, signalGroup, sizeOfGroup } from './group.ts';
import { type Limits, limited, threadsNow } from './limits.ts';
import { Output } from './output.ts';
import { firstLine } from './text.ts';

const STDOUT_BYTES = 64 * 1024;
const STDERR_BYTES = 8 * 1024;
/** Who prints more than this is stopped. */
const FLOOD_BYTES = 16 * 1024 * 1024;
/** How often it is seen whether a script makes process after process. */
const WATCH_MS = 100;
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
  limits: Limits;
  /** Whom to run as; absent = as the runner. */
  as?: { uid: number; gid: number };
}

/** What came of a script. */
export interface Ended {
  how:
    | { type: 'exit'; code: number }
    | { type: 'signal'; signal: string }
    | { type: 'timeout' }
    /** It was stopped for what it did: in plain words. */
    | { type: 'limit'; words: string };
  stdout: string;
  stderr: string;
  /** Standard output was longer than what is kept. */
  cut: boolean;
  tookUs: number;
}

/** What prlimit says of a file that the system does not run. */
const NOT_STARTED = /^prlimit: failed to execute/;

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Process groups that must not outlive the runner. */
const alive = new Set<number>();
process.once('exit', () => {
  for (const group of alive) signalGroup(group, 'SIGKILL');
});

/** Runs a script in a process group of its own. `onGone` comes when nothing of it is left, which may be after the answer. */
export function runScript(call: ScriptCall, onGone: () => void): Promise<Ended | Failure> {
  const startedAt = performance.now();
  const mark = `ANYUP_RUN=${randomUUID()}`;
  const child = start(call, mark);
  if (child instanceof Failure) {
    onGone();
    return Promise.resolve(child);
  }
  return new Promise((resolve) => {
    let tookUs = 0;
    // A script that ended as it should is not looked for among all processes of the machine.
    let misbehaved = false;
    const flooded = () => stop(`printed more than ${FLOOD_BYTES / 2 ** 20} MiB`);
    const output = (stream: Readable, keepBytes: number) =>
      new Output(stream, { keepBytes, mostBytes: FLOOD_BYTES, flooded });
    const stdout = output(child.stdout, STDOUT_BYTES);
    const stderr = output(child.stderr, STDERR_BYTES);
    const settle = (how: Ended['how']) => {
      tookUs ||= microsSince(startedAt);
      resolve({ how, stdout: stdout.text(), stderr: stderr.text(), cut: stdout.cut, tookUs });
    };
    const stop = (words: string) => {
      settle({ type: 'limit', words });
      misbehaved = true;
      endNow(child);
    };
    const expiry = setTimeout(() => {
      settle({ type: 'timeout' });
      misbehaved = true;
      endGroup(child);
    }, call.timeoutMs);
    const watch = watchForks(child, call.limits.processes, stop);
    child.once('error', (error) => {
      clearTimeout(expiry);
      clearInterval(watch);
      resolve(startFailure(error));
      if (child.pid === undefined) onGone();
    });
    child.once('exit', () => {
      clearTimeout(expiry);
      tookUs = microsSince(startedAt);
      const linger = setTimeout(() => {
        misbehaved = true;
        hangUp(child);
      }, LINGER_MS);
      child.once('close', () => clearTimeout(linger));
    });
    child.once('close', (code, signal) => {
      clearInterval(watch);
      if (NOT_STARTED.test(stderr.text()) && (code === 126 || code === 127)) {
        resolve(startFailure(new Error(firstLine(stderr.text()).line)));
      }
      settle(signal ? { type: 'signal', signal } : { type: 'exit', code: code ?? 0 });
      if (child.pid === undefined) return;
      signalGroup(child.pid, 'SIGKILL');
      if (misbehaved) endMarked(mark);
      alive.delete(child.pid);
      onGone();
    });
  });
}

/** Counts the group only when the machine has many more threads than when the script started: one small read at a time. */
function watchForks(child: Child, most: number, stop: (words: string) => void): NodeJS.Timeout {
  const before = threadsNow();
  return setInterval(() => {
    if (child.pid === undefined || threadsNow() - before < most) return;
    const size = sizeOfGroup(child.pid);
    if (size > most) stop(`had ${size} processes at once; at most ${most} are allowed`);
  }, WATCH_MS).unref();
}

function endNow(child: Child): void {
  if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
  hangUp(child);
}

function start(call: ScriptCall, mark: string): Child | Failure {
  const { path, folder, environment, as } = call;
  const { file, args } = limited(path, call.args, call.limits);
  const [name = '', value = ''] = mark.split('=');
  try {
    const child = spawn(file, args, {
      cwd: folder,
      env: { ...environment, [name]: value },
      ...as,
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
