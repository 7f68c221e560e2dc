// A platform for tests: a real libSQL file of its own, a clock that only moves when told to.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import type { Db } from '#db/db.ts';
import { migrate } from '#db/migrate.ts';
import * as schema from '#db/schema.ts';
import { forgetFailures } from '#worker/auth/attempts.ts';
import type { Config, LastGood, Platform } from '#worker/platform.ts';
import { outside } from '../../bin/server/outside.ts';

export const MIGRATIONS = fileURLToPath(new URL('../../db/migrations', import.meta.url));

/** Opens a database by URL (`file:…` or `http://…`) and brings it up to date. */
export async function openTestDb(url: string): Promise<Db> {
  const db = drizzle(createClient({ url, timeout: 5000 }), { schema });
  await migrate(db, MIGRATIONS);
  return db;
}

export interface TestPlatform extends Platform {
  /** Moves the clock. */
  advance: (ms: number) => void;
  /** Waits until all deferred work is done; rethrows what it threw. */
  settle: () => Promise<void>;
  close: () => void;
  logs: Array<{ level: string; message: string; fields?: Record<string, unknown> }>;
}

export const TEST_START = Date.UTC(2026, 10, 21, 9, 0, 0);

export async function testPlatform(
  overrides: Partial<Config> & { db?: Db; fetch?: typeof fetch; lastGood?: LastGood } = {},
): Promise<TestPlatform> {
  // Files share a process, and their clocks begin alike: what one tried wrongly is not held against the next.
  forgetFailures();
  const { db: givenDb, fetch: givenFetch, lastGood, ...config } = overrides;
  const folder = mkdtempSync(join(tmpdir(), 'anyup-test-'));
  const db = givenDb ?? (await openTestDb(`file:${join(folder, 'anyup.db')}`));
  let clock = TEST_START;
  let deferred: Promise<unknown>[] = [];
  const logs: TestPlatform['logs'] = [];
  return {
    db,
    now: () => clock,
    random: (n) => new Uint8Array(randomBytes(n)),
    fetch: givenFetch ?? fetch,
    outside,
    ...(lastGood && { lastGood }),
    defer: (work) => {
      deferred.push(work());
    },
    log: (level, message, fields) => {
      logs.push({ level, message, ...(fields && { fields }) });
      if (level === 'error') console.error(message, fields);
    },
    config: {
      url: 'http://anyup.test',
      secret: new Uint8Array(32).fill(7),
      previousSecret: null,
      accessKeyHash: null,
      flushMs: 15_000,
      runtime: 'node',
      loopbackOnly: false,
      cloudflare: false,
      healthcheckUrl: null,
      workerNetworks: [],
      telegramApiUrl: 'http://127.0.0.1:9',
      resendBaseUrl: 'http://127.0.0.1:9',
      ...config,
    },
    logs,
    advance: (ms) => {
      clock += ms;
    },
    settle: async () => {
      while (deferred.length > 0) {
        const waiting = deferred;
        deferred = [];
        await Promise.all(waiting);
      }
    },
    close: () => {
      if (!givenDb) db.$client.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
