// What is used is counted where it is billed: by the database's own word, on a real sqld.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ACCESS_KEY, Api, errorsOf, hashOf } from '#test/support/api.ts';
import { result } from '#test/support/fakeRunner.ts';
import { meteredDb } from '#test/support/meteredDb.ts';
import { testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { type Sqld, startSqld } from '#test/support/sqld.ts';
import { app } from '#worker/app.ts';
import { tick } from '#worker/tick/tick.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let sqld: Sqld;
const api = new Api();

beforeAll(async () => {
  sqld = await startSqld();
});
afterAll(() => sqld.stop());
beforeEach(async () => {
  const db = await meteredDb(sqld.url);
  api.platform = await testPlatform({ db, accessKeyHash: hashOf(ACCESS_KEY) });
  for (const table of ['usage', 'event', 'setting', 'check_', 'host', 'view', 'shard']) {
    await db.$client.execute(`delete from ${table}`);
  }
  await api.platform.db.$client.execute(`delete from runner`);
});
afterEach(async () => {
  await api.platform.settle();
  api.platform.close();
  api.platform.db.$client.close();
});

/** What the usage call says today was. */
async function today() {
  return (await api.get('/usage')).body.today.counted;
}

describe('the meter', () => {
  it('counts the rows of a post as sqld counts them', async () => {
    const runner = await api.runnerAt('Home');
    const [id = 0] = await seedChecks(api.platform);
    await runner.post([result(id, api.platform.now())]);
    await api.platform.settle();
    const before = await today();
    const again = await today();
    expect(again.rowsWritten).toBe(before.rowsWritten);
    api.platform.advance(MINUTE);
    await runner.post([result(id, api.platform.now())]);
    const after = await today();
    const written =
      after.rowsWritten - again.rowsWritten - (again.rowsWritten - before.rowsWritten);
    expect(written).toBe(2);
    expect(after.requests - again.requests).toBe(2);
  });

  it('counts every request, whatever came of it', async () => {
    const before = await today();
    await app.request('/nowhere', {}, api.platform);
    await app.request('/', {}, api.platform);
    expect((await today()).requests - before.requests).toBe(3);
  });

  it('adds up what several isolates counted, and keeps days apart', async () => {
    const db = await meteredDb(sqld.url);
    const other = { ...api.platform, db };
    await app.request('/', {}, other);
    await today();
    api.platform.advance(11 * MINUTE);
    await tick(other);
    expect((await today()).requests).toBe(3);
    api.platform.advance(24 * HOUR);
    await tick(api.platform);
    await tick(api.platform);
    const { body } = await api.get('/usage');
    expect(body.today.counted.requests).toBe(1);
    expect(body.month.counted.requests).toBe(4);
    db.$client.close();
  });

  it('itself costs at most 1,500 rows in a day of ticks and 100,000 requests', async () => {
    const isolates = await Promise.all([1, 2, 3].map(() => meteredDb(sqld.url)));
    const platforms = isolates.map((db) => ({ ...api.platform, db }));
    let saved = 0;
    for (const { $client } of isolates) {
      const batch = $client.batch.bind($client);
      $client.batch = (...args: Parameters<typeof batch>) => {
        if (JSON.stringify(args[0]).includes('insert into usage')) saved += 1;
        return batch(...args);
      };
    }
    const { countRequest, saveUsageInTime } = await import('#worker/meter/usage.ts');
    for (let minute = 0; minute < 24 * 60; minute++) {
      api.platform.advance(MINUTE);
      for (const platform of platforms) {
        for (let n = 0; n < 23; n++) countRequest(platform);
        await saveUsageInTime(platform);
      }
    }
    await api.platform.settle();
    expect(saved).toBeGreaterThan(100);
    expect(saved).toBeLessThanOrEqual(1500);
    for (const { $client } of isolates) $client.close();
  });
});

describe('the projection', () => {
  /** A day of yesterday and a part of today, straight into the table. */
  async function counted(day: number, rowsWritten: number, requests = 100): Promise<void> {
    const number = Math.floor(api.platform.now() / 86_400_000) + day;
    await api.platform.db.$client.execute({
      sql: `insert into usage (day, since_at, rows_read, rows_written, requests) values (?, ?, 0, ?, ?)
            on conflict (day) do update set rows_written = excluded.rows_written`,
      args: [number, number * 86_400_000, rowsWritten, requests],
    });
  }

  it('of the day is what was counted and the rest at its pace, beside the plan that was chosen', async () => {
    await api.patch('/settings', { planDatabase: 'turso_free', planWorker: 'workers_free' });
    await counted(0, 45_000);
    const { body } = await api.get('/usage');
    // 09:00: three eighths of the day are over.
    expect(body.today.projected.rowsWritten).toBeGreaterThan(119_000);
    expect(body.today.projected.rowsWritten).toBeLessThan(121_000);
    expect(body.today.limits.rowsWritten).toBe(Math.floor(10e6 / 30));
    expect(body.plans.database).toMatchObject({ name: 'turso_free', title: 'Turso Free' });
  });

  it('refuses a plan that is none', async () => {
    expect(errorsOf(await api.patch('/settings', { planDatabase: 'gratis' }))[0]).toMatch(
      /^planDatabase: is "gratis"; it must be one of "own", "turso_free"/,
    );
  });

  it('slows runners down past half a plan, says so, and lets them come back', async () => {
    const { platform } = api;
    await api.patch('/settings', { planDatabase: 'turso_free' });
    await api.runnerAt('Home');
    await seedChecks(platform, { count: 20 });
    await counted(0, 65_000);
    const flush = async () => {
      platform.advance(11 * MINUTE);
      await tick(platform);
      await tick(platform);
      return (await api.get('/usage')).body.flush;
    };
    expect(await flush()).toMatchObject({ every: '30s', by: 'plan' });
    const events = await api.rows(`select text from event where kind = 'meter.flush'`);
    expect(events).toHaveLength(1);
    expect(events[0]?.text).toMatch(
      /^runners now post every 30s: .* rows written would take 51 % of Turso Free$/,
    );
    expect(platform.logs.map(({ message }) => message)).toContain(events[0]?.text);
    // It is not judged by what was counted before.
    platform.advance(2 * HOUR);
    expect(await flush()).toMatchObject({ every: '15s', by: 'platform' });
    expect(await api.rows(`select text from event where kind = 'meter.flush'`)).toHaveLength(2);
  });

  it('stays as it is between half a plan and what would be room enough', async () => {
    const { platform } = api;
    await api.patch('/settings', { planDatabase: 'turso_free' });
    await api.runnerAt('Home');
    await seedChecks(platform, { count: 20 });
    await counted(0, 65_000);
    platform.advance(11 * MINUTE);
    await tick(platform);
    await tick(platform);
    // 43 % of the plan at 15 s: not enough room to come back.
    platform.advance(3 * HOUR);
    await counted(0, 65_000 + 0.42 * (10e6 / 30) * (3 / 24));
    await tick(platform);
    expect((await api.get('/usage')).body.flush).toMatchObject({ every: '30s', by: 'plan' });
  });

  it('never overrules what a person set', async () => {
    const { platform } = api;
    await api.patch('/settings', { planDatabase: 'turso_free', flush: '5s' });
    await api.runnerAt('Home');
    await counted(0, 300_000);
    platform.advance(11 * MINUTE);
    await tick(platform);
    await tick(platform);
    expect((await api.get('/usage')).body.flush).toMatchObject({ every: '5s', by: 'person' });
  });

  it('reaches the runners with the answer to their next post', async () => {
    const { platform } = api;
    await api.patch('/settings', { planDatabase: 'turso_free' });
    const runner = await api.runnerAt('Home');
    await seedChecks(platform, { count: 20 });
    await counted(0, 65_000);
    expect(await (await runner.post([])).json()).toMatchObject({ flushMs: 15_000 });
    platform.advance(11 * MINUTE);
    await tick(platform);
    await tick(platform);
    expect(await (await runner.post([])).json()).toMatchObject({ flushMs: 30_000 });
  });
});

describe('what one more check would cost', () => {
  it('is told before it is added, and is what it then costs', async () => {
    await api.patch('/settings', { planDatabase: 'turso_free' });
    await api.runnerAt('Home');
    await api.runnerAt('Office');
    const { body } = await api.get('/usage');
    const [first] = body.oneMoreCheck;
    expect(first).toMatchObject({ interval: '1m', locations: 2 });
    expect(first.rowsWritten).toBeGreaterThan(2500);
    expect(first.rowsWritten).toBeLessThan(3500);
    await seedChecks(api.platform, { count: 200 });
    const [later] = (await api.get('/usage')).body.oneMoreCheck;
    expect(later.rowsWritten).toBeLessThan(40);
  });
});

describe('a database file of one’s own', () => {
  it('is not billed, and says so', async () => {
    const own = new Api();
    own.platform = await testPlatform({ accessKeyHash: hashOf(ACCESS_KEY), flushMs: 1000 });
    const { body } = await own.get('/usage');
    expect(body).toMatchObject({
      billed: false,
      plans: { database: { name: 'own' }, worker: { name: 'own' } },
      flush: { every: '1s', by: 'platform' },
    });
    expect(body.storage.bytes).toBeGreaterThan(4096);
    own.platform.close();
  });
});
