// The public page while the database is gone: a real sqld that was stopped, and one that takes calls and says nothing.
import { createServer, type Server } from 'node:net';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Db } from '#db/db.ts';
import * as schema from '#db/schema.ts';
import { signedIn, Visitor } from '#test/support/pages.ts';
import { openTestDb, type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { type Sqld, startSqld } from '#test/support/sqld.ts';
import { app } from '#worker/app.ts';
import type { LastGood } from '#worker/platform.ts';
import { tick } from '#worker/tick/tick.ts';

let sqld: Sqld;
let platform: TestPlatform;
const open: Array<() => void> = [];
beforeEach(async () => {
  sqld = await startSqld();
  platform = await workerOn(await openTestDb(sqld.url));
  await seedChecks(platform, { host: 'Shop', target: 'https://intern.example/' });
});
afterEach(async () => {
  for (const close of open.splice(0)) close();
  await sqld.stop();
});

/** A place that outlives a worker. */
function place(): LastGood {
  let kept: string | null = null;
  return {
    read: async () => kept,
    write: async (text) => {
      kept = text;
    },
  };
}

async function workerOn(db: Db, lastGood?: LastGood): Promise<TestPlatform> {
  const made = await testPlatform({ db, ...(lastGood && { lastGood }) });
  open.push(made.close, () => db.$client.close());
  return made;
}

function ask(path: string, on = platform): Promise<Response> {
  return Promise.resolve(app.request(path, {}, on));
}

describe('while the database is gone', () => {
  it('the page is served as it was last known, and says as of when', async () => {
    expect((await new Visitor(platform).get('/')).text).not.toContain('does not answer');
    await sqld.stop();
    platform.advance(3_600_000);
    const { status, html, text } = await new Visitor(platform).get('/');
    expect(status).toBe(200);
    expect(text).toContain(
      'Anyup’s database does not answer. This is what was known at 21 Nov 2026, 09:00 UTC; what is so now may differ.',
    );
    expect(text).toContain('Shop');
    expect(html).toContain('<time datetime="2026-11-21T09:00:00Z"');
    expect(html).not.toContain('intern.example');
  });

  it('its JSON and badges say so too', async () => {
    expect(await (await ask('/api/v1/status')).json()).toMatchObject({ stale: false });
    expect(await (await ask('/badge/1.svg')).text()).toContain('Shop: unknown');
    await sqld.stop();
    platform.advance(60_000);
    const answer = await ask('/api/v1/status');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ stale: true, asOf: '2026-11-21T09:00:00.000Z' });
    const badge = await (await ask('/badge/1.svg')).text();
    expect(badge).toContain('Shop: unknown at 21 Nov 2026, 09:00 UTC');
  });

  it('a worker that was just started serves the copy of the one before', async () => {
    const lastGood = place();
    const before = await workerOn(await openTestDb(sqld.url), lastGood);
    await tick(before);
    await sqld.stop();
    const client = createClient({ url: sqld.url });
    const after = await workerOn(drizzle(client, { schema }), lastGood);
    after.advance(600_000);
    const page = await new Visitor(after).get('/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('known at 21 Nov 2026, 09:00 UTC');
    expect(page.text).toContain('Shop');
  });

  it('a copy that cannot be read is none, and no page is made up', async () => {
    const client = createClient({ url: sqld.url });
    await sqld.stop();
    const broken = { ...place(), read: async () => '{"not": "ours"' };
    const after = await workerOn(drizzle(client, { schema }), broken);
    after.log = () => undefined;
    expect((await ask('/', after)).status).toBe(500);
  });

  it('health still tells the truth', async () => {
    await ask('/');
    await sqld.stop();
    platform.advance(60_000);
    platform.log = () => undefined;
    expect((await ask('/')).status).toBe(200);
    expect((await ask('/healthz')).status).toBe(503);
  });

  it('whoever was signed in sees what anyone sees, instead of an error', async () => {
    const owner = await signedIn(platform);
    expect((await owner.get('/')).html).toContain('href="/admin"');
    await new Visitor(platform).get('/');
    await sqld.stop();
    const page = await owner.get('/');
    expect(page.status).toBe(200);
    expect(page.html).not.toContain('href="/admin"');
  });

  it('and back again, the page is live at the next look', async () => {
    await ask('/');
    const { execute } = platform.db.$client;
    platform.db.$client.execute = () => Promise.reject(new Error('gone'));
    platform.advance(60_000);
    expect((await new Visitor(platform).get('/')).text).toContain('does not answer');
    platform.db.$client.execute = execute;
    platform.advance(5000);
    expect((await new Visitor(platform).get('/')).text).not.toContain('does not answer');
  });

  it('one that takes the call and says nothing is given up on', async () => {
    const silent = createServer(() => undefined);
    const url = await listening(silent);
    const lastGood = place();
    await tick(await workerOn(await openTestDb(sqld.url), lastGood));
    const after = await workerOn(drizzle(createClient({ url }), { schema }), lastGood);
    const page = await new Visitor(after).get('/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('does not answer');
    silent.close();
  });
});

function listening(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
    });
  });
}
