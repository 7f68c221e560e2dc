// Child processes of tests: what they said is kept, and none outlives its test.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const JSX = pathToFileURL(`${ROOT}bin/jsx.mjs`).href;

export interface Child {
  process: ChildProcess;
  /** Everything it said so far, both streams. */
  said: () => string;
  /** Resolves with the match once it has said it; rejects when it ends before. */
  says: (pattern: RegExp, withinMs?: number) => Promise<RegExpExecArray>;
  /** Ends it by a signal; gives its exit code. */
  stop: (signal?: NodeJS.Signals) => Promise<number | null>;
  /** Its exit code once it has ended by itself. */
  ended: Promise<number | null>;
}

/** A program of ours on Node: `startNode('bin/node.ts', env)`. */
export function startNode(file: string, env: Record<string, string>, args: string[] = []): Child {
  return start(process.execPath, ['--import', JSX, file, ...args], env);
}

/** Any program, in the root of the checkout, with none of this machine's settings for Anyup. */
export function start(command: string, args: string[], env: Record<string, string>): Child {
  const clean = Object.entries(process.env).filter(
    ([name]) => !/^(ANYUP_|TURSO_|PORT$|HOST$)/.test(name),
  );
  const child = spawn(command, args, {
    cwd: ROOT,
    // Tests talk to nothing beyond this machine: no gateway, no resolver.
    env: { ...Object.fromEntries(clean), ANYUP_CANARIES: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it started ends with it.
    detached: true,
  });
  let text = '';
  const listeners = new Set<() => void>();
  const hear = (chunk: Buffer) => {
    text += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', (code) => resolve(code));
  });
  const kill = (signal: NodeJS.Signals) => {
    try {
      if (child.pid) process.kill(-child.pid, signal);
    } catch {
      // It has ended already.
    }
  };
  const endToo = () => kill('SIGKILL');
  process.once('exit', endToo);
  ended.then(() => process.off('exit', endToo));

  function says(pattern: RegExp, withinMs = 30_000): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const give = (why: string) => {
        finish();
        reject(new Error(`${file(command, args)} ${why} before it said ${pattern}:\n${text}`));
      };
      const timer = setTimeout(() => give('was too slow'), withinMs);
      const look = () => {
        const match = pattern.exec(text);
        if (!match) return;
        finish();
        resolve(match);
      };
      const finish = () => {
        clearTimeout(timer);
        listeners.delete(look);
      };
      listeners.add(look);
      look();
      ended.then((code) => give(`ended with ${code}`));
    });
  }
  return {
    process: child,
    said: () => text,
    says,
    ended,
    stop: (signal = 'SIGTERM') => {
      kill(signal);
      const force = setTimeout(() => kill('SIGKILL'), 8000);
      return ended.finally(() => clearTimeout(force));
    },
  };
}

function file(command: string, args: string[]): string {
  return args.find((arg) => /\.[mc]?[jt]s$/.test(arg) && !arg.startsWith('file:')) ?? command;
}
