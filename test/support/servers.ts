// The app as people run it, on each runtime, over HTTP.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestHarness } from 'wrangler';
import type { Db } from '#db/db.ts';
import { createSignInLink } from '#worker/auth/signIn.ts';
import type { Platform } from '#worker/platform.ts';
import { tick } from '#worker/tick/tick.ts';
import { type Child, start, startNode } from './children.ts';
import { openTestDb, type TestPlatform, testPlatform } from './platform.ts';
import { startSqld } from './sqld.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUN = join(ROOT, 'node_modules/@oven', `bun-${process.platform}-${process.arch}/bin/bun`);

export const ACCESS_KEY = 'test-Key_9QpZx1LmNa7RwYb2CdEf';

// Miniflare would ask the internet where it is.
process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';

const SECRET = Buffer.alloc(32, 7).toString('base64');

export interface RunningServer {
  baseUrl: string;
  accessKey: string;
  /** The same database, by a connection of the test's own. */
  platform: Platform;
  /** A sign-in link that opens here. */
  signInLink: () => Promise<string>;
  /** One tick by the server's own means where it has a door for it, else on the same database. */
  tick: () => Promise<void>;
  stop: () => Promise<void>;
}

export type RuntimeName = 'node' | 'bun' | 'workerd';

/** Settings beside those every test server has. */
type Settings = Record<string, string>;

/** Node or Bun on an embedded file, workerd on sqld. */
export const RUNTIMES: Record<RuntimeName, (env?: Settings) => Promise<RunningServer>> = {
  node: (env) => onFile((all) => startNode('bin/node.ts', all), env),
  bun: (env) => onFile((all) => start(BUN, ['bin/bun.ts'], all), env),
  workerd: (env) => onSqld(env),
};

/** workerd with the block of wrangler.toml that is commented out until somebody wants the instant channel. */
export async function workerdWithBell(): Promise<RunningServer> {
  const path = join(ROOT, `wrangler.bell.${process.pid}.toml`);
  const text = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8');
  const block = /^# (\[\[durable|name = "BELL"|class_name|\[\[migrations|tag = |new_sqlite)/gm;
  writeFileSync(path, text.replaceAll(block, '$1'));
  try {
    return await onSqld({}, path);
  } finally {
    rmSync(path);
  }
}

async function onFile(
  run: (env: Settings) => Child,
  settings: Settings = {},
): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), 'anyup-server-'));
  const child = run({
    PORT: '0',
    ANYUP_DATA: folder,
    ANYUP_SECRET: SECRET,
    ANYUP_ACCESS_KEY: ACCESS_KEY,
    ...settings,
  });
  const [, baseUrl = ''] = await child.says(/listening on (http:\S+)/);
  const db = await openTestDb(`file:${join(folder, 'anyup.db')}`);
  const platform = await platformOn(db, baseUrl);
  return {
    baseUrl,
    accessKey: ACCESS_KEY,
    platform,
    signInLink: async () => (await createSignInLink(platform)).url,
    tick: () => tick(platform),
    stop: async () => {
      platform.close();
      db.$client.close();
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function onSqld(
  settings: Settings = {},
  configPath = join(ROOT, 'wrangler.toml'),
): Promise<RunningServer> {
  const sqld = await startSqld();
  const db = await openTestDb(sqld.url);
  const worker = {
    configPath,
    vars: {
      TURSO_DATABASE_URL: sqld.url,
      ANYUP_URL: 'http://anyup.test',
      ANYUP_LOG: 'warn',
      ...settings,
    },
    secrets: { ANYUP_SECRET: SECRET, ANYUP_ACCESS_KEY: ACCESS_KEY },
  };
  const harness = createTestHarness({ workers: [worker] });
  const { url } = await harness.listen();
  const baseUrl = url.origin;
  const platform = await platformOn(db, baseUrl);
  return {
    baseUrl,
    accessKey: ACCESS_KEY,
    platform,
    signInLink: async () => (await createSignInLink(platform)).url,
    tick: async () => {
      await harness.getWorker().scheduled({ cron: '* * * * *', scheduledTime: new Date() });
    },
    stop: async () => {
      await harness.close();
      platform.close();
      db.$client.close();
      await sqld.stop();
    },
  };
}

/** The real clock, the server's secret, the server's database. */
async function platformOn(db: Db, url: string): Promise<TestPlatform> {
  const secret = new Uint8Array(32).fill(7);
  return { ...(await testPlatform({ db, url, secret })), now: Date.now };
}
