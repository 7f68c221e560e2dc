import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeRunner, makeJoinCode } from '#test/support/fakeRunner.ts';
import { meteredDb } from '#test/support/meteredDb.ts';
import { signedIn, type Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { type Sqld, startSqld } from '#test/support/sqld.ts';
import { app } from '#worker/app.ts';

describe('usage of a billed database', () => {
  let sqld: Sqld;
  let platform: TestPlatform;
  let owner: Visitor;
  beforeAll(async () => {
    sqld = await startSqld();
  });
  afterAll(() => sqld.stop());
  beforeEach(async () => {
    const db = await meteredDb(sqld.url);
    await db.$client.execute('delete from usage');
    await db.$client.execute('delete from setting');
    platform = await testPlatform({ db });
    owner = await signedIn(platform);
  });
  afterEach(async () => {
    await platform.settle();
    platform.close();
    platform.db.$client.close();
  });

  async function counted(rowsWritten: number): Promise<void> {
    const day = Math.floor(platform.now() / 86_400_000);
    await platform.db.$client.execute({
      sql: 'insert into usage values (?, ?, 1000, ?, 500)',
      args: [day, day * 86_400_000, rowsWritten],
    });
  }

  it('is told in words and figures beside the plan', async () => {
    await owner.postAndFollow('/admin/settings', {
      title: 'S',
      planDatabase: 'turso_free',
      planWorker: 'workers_free',
    });
    await counted(45_000);
    const { text } = await owner.get('/admin/usage');
    expect(text).toContain('At this pace rows written come to 36 % of Turso Free');
    expect(text).toMatch(
      /Rows written 36 % 45,0\d\d so far, about 120,000 by midnight UTC, of 330,000/,
    );
    expect(text).toContain('Turso Free (its limits as of 2026-10-08)');
  });

  it('says what happens when it is too much', async () => {
    await owner.postAndFollow('/admin/settings', { title: 'S', planDatabase: 'turso_free' });
    await counted(200_000);
    const { text } = await owner.get('/admin/usage');
    expect(text).toContain('come to 160 % of Turso Free: it then stops answering.');
    expect(text).toContain('160 %, too much');
  });

  it('says what one more host would cost where it is added', async () => {
    await owner.postAndFollow('/admin/settings', { title: 'S', planDatabase: 'turso_free' });
    expect((await owner.get('/admin/hosts')).text).not.toContain('rows a day');
    const ask = (path: string, init?: RequestInit) =>
      Promise.resolve(app.request(path, init, platform));
    const code = await makeJoinCode(platform, { location: 'Home' });
    await FakeRunner.enrol(ask, { code, now: platform.now });
    const { text } = await owner.get('/admin/hosts');
    expect(text).toContain(
      'A check every 1 min from 1 location adds about 1,500 rows a day: 0.4 % of your plan.',
    );
  });
});

it('of a file of one’s own is nothing to pay for, and says so', async () => {
  const platform = await testPlatform();
  const owner = await signedIn(platform);
  const { text } = await owner.get('/admin/usage');
  expect(text).toContain('The database is a file of your own: rows cost nothing');
  expect(text).not.toContain('Rows written');
  expect((await owner.get('/admin/hosts')).text).not.toContain('rows a day');
  platform.close();
});
