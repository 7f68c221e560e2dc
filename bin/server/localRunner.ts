// The runner beside a standalone server: a process of its own, enrolled like any other, started again when it dies.
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJoinCode } from '#worker/actions/joinCodes/create.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { THRIFTY_ENV, THRIFTY_FLAGS } from '../thrift.ts';
import { end, startChild } from './child.ts';
import { copyProbes } from './probes.ts';

const RUNNER = fileURLToPath(new URL('../runner.ts', import.meta.url));
const WITH_PARENT = new URL('withParent.mjs', import.meta.url).href;

/** Who acts when the program itself sets things up, as the audit shows it. */
export const STARTUP: Actor = { name: 'start-up', role: 'owner', via: 'key' };

/** What the worker knows and its runner must not. */
const WORKER_ONLY = [
  'ANYUP_SECRET',
  'ANYUP_SECRET_PREVIOUS',
  'ANYUP_ACCESS_KEY',
  'TURSO_DATABASE_URL',
  'TURSO_AUTH_TOKEN',
  'ANYUP_JOIN',
];

export interface LocalRunner {
  /** Its id once it has joined; null when it has not within `waitMs`. */
  joined: (waitMs: number) => Promise<number | null>;
  stop: () => Promise<void>;
}

/**
 * Starts it against `url`, with its own data in `dataFolder`/runner and scripts in `dataFolder`/probes, unless the
 * environment names another folder of scripts.
 */
export async function startLocalRunner(
  platform: Platform,
  given: { url: string; dataFolder: string; location: string; say: (line: string) => void },
): Promise<LocalRunner> {
  const folder = join(given.dataFolder, 'runner');
  const probes = join(given.dataFolder, 'probes');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const scripts = process.env.ANYUP_PROBES ?? probes;
  if (scripts === probes) copyProbes(probes);
  const name = hostname().slice(0, 64);
  const known = await activeRunner(platform, folder);
  const { code } =
    known === null
      ? await createJoinCode(platform, STARTUP, { name, location: given.location })
      : { code: undefined };
  const env = childEnvironment({
    ANYUP_URL: given.url,
    ANYUP_NAME: name,
    ANYUP_LOCATION: given.location,
    ANYUP_DATA: folder,
    ANYUP_PROBES: scripts,
    ...(code !== undefined && { ANYUP_JOIN: code }),
  });
  const child = keepRunning(env, given.say);
  return {
    stop: child.stop,
    joined: (waitMs) => waitFor(() => activeRunner(platform, folder), waitMs),
  };
}

/** The runner whose identity lies in the folder, if the database knows it as active. */
async function activeRunner(platform: Platform, folder: string): Promise<number | null> {
  const id = storedId(join(folder, 'identity.json'));
  if (id === null) return null;
  const { rows } = await platform.db.$client.execute({
    sql: 'select status from runner where id = ?',
    args: [id],
  });
  return rows[0]?.status === 'active' ? id : null;
}

function storedId(file: string): number | null {
  if (!existsSync(file)) return null;
  try {
    const { runnerId } = JSON.parse(readFileSync(file, 'utf8')) as { runnerId?: string };
    return Number(runnerId) || null;
  } catch {
    return null;
  }
}

async function waitFor<T>(look: () => Promise<T | null>, waitMs: number): Promise<T | null> {
  const until = Date.now() + waitMs;
  for (;;) {
    const found = await look();
    if (found !== null || Date.now() > until) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The environment of a runner: this process's, without what only the worker may know. */
export function childEnvironment(settings: Record<string, string>): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of WORKER_ONLY) delete env[name];
  return { ...env, ...settings };
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/** Runs bin/runner.ts, again with a growing pause when it ends; each line it says is passed on. */
export function keepRunning(
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): { stop: () => Promise<void> } {
  let pauseMs = FIRST_PAUSE_MS;
  let timer: NodeJS.Timeout | undefined;
  let child: ChildProcess | null = null;
  let stopped = false;

  function start(): void {
    const startedAt = Date.now();
    const args = [...THRIFTY_FLAGS, '--import', WITH_PARENT, RUNNER];
    const started = startChild(process.execPath, args, { ...THRIFTY_ENV, ...env }, (line) =>
      say(`runner: ${line}`),
    );
    child = started;
    started.on('exit', (code, signal) => {
      child = null;
      if (stopped) return;
      if (Date.now() - startedAt > LONGEST_PAUSE_MS) pauseMs = FIRST_PAUSE_MS;
      say(`the local runner ended (${signal ?? `code ${code}`}); again in ${pauseMs / 1000} s`);
      timer = setTimeout(start, pauseMs);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    });
  }

  start();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      if (child) await end(child);
    },
  };
}
