// Child processes of ours: none outlives us.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** Asks a child to end, and makes it after `withinMs`. */
export async function end(child: ChildProcess, withinMs = 1500): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), withinMs);
  await gone;
  clearTimeout(force);
}

/**
 * Starts a program whose every line goes to `say`. It has a process group of its own, so that Ctrl+C reaches us alone and
 * children end in the order we choose.
 */
export function startChild(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): ChildProcess {
  const stdio = ['ignore', 'pipe', 'pipe', 'ipc'] as const;
  const child = spawn(command, args, { env, stdio: [...stdio], detached: true });
  const endToo = () => child.kill('SIGTERM');
  process.once('exit', endToo);
  child.once('exit', () => process.off('exit', endToo));
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', say);
  }
  return child;
}

/** Asks an address until it answers well; rejects when the child ends or `withinMs` pass before that. */
export async function answers(url: string, child: ChildProcess, withinMs: number): Promise<void> {
  const until = Date.now() + withinMs;
  while (child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => null);
    if (answer?.ok) return;
    if (Date.now() > until) {
      const what = answer ? `answers ${answer.status}` : 'does not answer';
      throw new Error(`${url} ${what}, after ${withinMs / 1000} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${child.spawnfile} ended with ${child.signalCode ?? child.exitCode}`);
}

/** A port of this machine that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
