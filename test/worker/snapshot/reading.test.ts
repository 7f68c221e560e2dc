// What the public page costs the database, by sqld's own count, and how new it is.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCESS_KEY, hashOf } from '#test/support/api.ts';
import { FakeRunner, makeJoinCode, result } from '#test/support/fakeRunner.ts';
import { signedIn, Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { type Counted, countingDb } from '#test/support/rows.ts';
import { seedChecks } from '#test/support/seed.ts';
import { type Sqld, startSqld } from '#test/support/sqld.ts';
import { app } from '#worker/app.ts';
import { refreshSnapshot } from '#worker/snapshot/refresh.ts';
import { tick } from '#worker/tick/tick.ts';

let sqld: Sqld;
let counted: Counted;
let platform: TestPlatform;
let anyone: Visitor;
let shop: number;
let home: FakeRunner;
const ask = (path: string, init?: RequestInit) =>
  Promise.resolve(app.request(path, init, platform));
const accessKeyHash = hashOf(ACCESS_KEY);
const REFUSED = { level: 500, rttUs: null, code: 'connect.refused', text: 'refused' };

beforeEach(async () => {
  sqld = await startSqld();
  counted = await countingDb(sqld.url);
  platform = await testPlatform({ db: counted.db, runtime: 'edge', accessKeyHash });
  anyone = new Visitor(platform);
  const code = await makeJoinCode(platform, { location: 'Home' });
  home = await FakeRunner.enrol(ask, { code, now: platform.now });
  [shop = 0] = await seedChecks(platform, { host: 'Shop', failures: 1 });
  await home.post([result(shop, platform.now())]);
  await platform.settle();
  await seedChecks(platform, { host: 'Mail', position: 1, count: 99 });
  await tick(platform);
});
afterEach(async () => {
  await platform.settle();
  platform.close();
  counted.db.$client.close();
  await sqld.stop();
});

/** A minute goes by, at the edge: posts and the cron. */
async function minute(): Promise<void> {
  platform.advance(60_000);
  await home.post([result(shop, platform.now())]);
  await platform.settle();
  await tick(platform);
}

describe('the public page on a billed database', () => {
  it('costs a thousand visitors a handful of rows', async () => {
    await minute();
    await minute();
    counted.reset();
    for (let visitor = 0; visitor < 1000; visitor++) {
      const { status } = await anyone.get(visitor % 10 === 0 ? '/badge/1.svg' : '/');
      expect(status).toBe(200);
    }
    expect(counted.rows.read).toBeLessThanOrEqual(5);
    expect(counted.rows.written).toBe(0);
    for (let second = 0; second < 45; second++) {
      platform.advance(1000);
      await anyone.get('/');
      await anyone.get('/api/v1/status');
    }
    expect(counted.rows.calls).toBeLessThanOrEqual(4);
    expect(counted.rows.read).toBeLessThanOrEqual(20);
  });

  it('is made anew by the tick every two minutes, and no more often while nothing happens', async () => {
    await minute();
    await minute();
    const seen = new Set<string>();
    for (let i = 0; i < 10; i++) {
      const { rows } = await platform.db.$client.execute('select at from page_snapshot');
      const at = Number(rows[0]?.at);
      expect(platform.now() - at).toBeLessThan(120_000);
      seen.add(String(at));
      await minute();
    }
    expect(seen.size).toBeLessThanOrEqual(6);
  });

  it('shows a flip within 15 seconds, whenever it comes', async () => {
    for (const after of [20_000, 1000, 14_000, 61_000]) {
      await minute();
      await minute();
      await anyone.get('/');
      platform.advance(after);
      expect((await anyone.get('/')).text).toMatch(/Shop 1.5 ms Up/);
      await home.post([result(shop, platform.now(), REFUSED)]);
      await platform.settle();
      platform.advance(15_000);
      expect((await anyone.get('/')).text, `${after} ms later`).toContain('Shop Down');
      await home.post([result(shop, platform.now())]);
      await platform.settle();
    }
  });

  it('is made at most once in 15 seconds, however much flaps', async () => {
    await minute();
    const made = new Set<number>();
    for (let second = 0; second < 60; second++) {
      platform.advance(1000);
      await home.post([result(shop, platform.now(), second % 2 ? {} : REFUSED)]);
      await platform.settle();
      await anyone.get('/');
      const { rows } = await platform.db.$client.execute('select at from page_snapshot');
      made.add(Number(rows[0]?.at));
    }
    expect(made.size).toBeLessThanOrEqual(5);
    expect(made.size).toBeGreaterThanOrEqual(4);
  });

  it('is never made inside the answer to a runner', async () => {
    const held: Array<() => Promise<unknown>> = [];
    platform.defer = (work) => held.push(work);
    platform.advance(60_000);
    const answer = await home.post([result(shop, platform.now(), REFUSED)]);
    expect(answer.status).toBe(200);
    const at = async () =>
      Number((await platform.db.$client.execute('select at from page_snapshot')).rows[0]?.at);
    expect(await at()).toBeLessThan(platform.now());
    for (const work of held) await work();
    expect(await at()).toBe(platform.now());
  });

  it('is made by one of several workers that see it due at once', async () => {
    platform.advance(600_000);
    counted.reset();
    await refreshSnapshot(platform);
    const once = counted.rows.read;
    expect(once).toBeGreaterThan(100);
    platform.advance(600_000);
    counted.reset();
    const made = await Promise.all([1, 2, 3, 4].map(() => refreshSnapshot(platform)));
    expect(made.filter((page) => page !== null)).toHaveLength(1);
    expect(counted.rows.read).toBeLessThan(once + 30);
  });

  it('is read live when no tick has run for long', async () => {
    await minute();
    platform.advance(3_600_000);
    const { html } = await anyone.get('/');
    expect(html).toContain(`data-as-of="${platform.now()}"`);
    expect(html).not.toContain('does not answer');
  });

  it('shows what was changed by a person within 15 seconds to others, at once to themselves', async () => {
    await minute();
    await anyone.get('/');
    const owner = await signedIn(platform);
    await owner.post('/admin/hosts', { name: 'Printer', target: '192.0.2.9', interval: '60s' });
    expect((await owner.get('/')).text).toContain('Printer');
    platform.advance(15_000);
    expect((await anyone.get('/')).text).toContain('Printer');
  });

  it('shows the days of each host, for one row more', async () => {
    for (let i = 0; i < 80; i++) await minute();
    counted.reset();
    const { html } = await anyone.get('/');
    expect(counted.rows.read).toBeLessThanOrEqual(5);
    expect(html).toMatch(/<div class="strip" id="days-1" data-from="2026-\d\d-\d\d"/);
    expect(html).toContain('Last 90 days: 100 % up');
    const owner = await signedIn(platform);
    expect((await owner.get('/')).html).toContain('Last 90 days: 100 % up');
  });
});
