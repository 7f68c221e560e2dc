// Real workerd whose database is gone: the page is served as it was last known.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createTestHarness } from 'wrangler';
import { openTestDb, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { startSqld } from '#test/support/sqld.ts';

const CONFIG = join(fileURLToPath(new URL('../..', import.meta.url)), 'wrangler.toml');

it('workerd serves the last good page while sqld is stopped', async () => {
  const sqld = await startSqld();
  const db = await openTestDb(sqld.url);
  await seedChecks(await testPlatform({ db }), { host: 'Shop' });
  db.$client.close();
  const vars = { TURSO_DATABASE_URL: sqld.url, ANYUP_URL: 'http://anyup.test', ANYUP_LOG: 'error' };
  const harness = createTestHarness({ workers: [{ configPath: CONFIG, vars }] });
  const { url } = await harness.listen();
  try {
    const first = await fetch(url);
    expect(await first.text()).toContain('Shop');
    const etag = first.headers.get('etag') ?? '';
    expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
    await sqld.stop();
    const copy = async () => {
      const answer = await fetch(`${url}api/v1/status`);
      return { status: answer.status, body: (await answer.json()) as { stale: boolean } };
    };
    // What was read a moment ago is served from memory first.
    await expect.poll(copy, { timeout: 19_000, interval: 500 }).toMatchObject({
      status: 200,
      body: { stale: true },
    });
    expect(await (await fetch(url)).text()).toContain('database does not answer');
    expect((await fetch(`${url}healthz`)).status).toBe(503);
  } finally {
    await harness.close();
  }
}, 60_000);
