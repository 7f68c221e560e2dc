// What the worker's own looks cost, by sqld's own count, beside what is said before.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseNetwork } from '#core/net/reach.ts';
import { ACCESS_KEY, Api, hashOf } from '#test/support/api.ts';
import { testPlatform } from '#test/support/platform.ts';
import { type Counted, countingDb } from '#test/support/rows.ts';
import { type Sqld, startSqld } from '#test/support/sqld.ts';
import { startTarget, type Target } from '#test/support/targets.ts';
import { lookFromHere } from '#worker/here/round.ts';

let sqld: Sqld;
let counted: Counted;
let target: Target;
const api = new Api();

beforeAll(async () => {
  sqld = await startSqld();
  counted = await countingDb(sqld.url);
  target = await startTarget();
  const networks = [parseNetwork('127.0.0.1')].filter((each) => each !== null);
  api.platform = await testPlatform({
    ...{ db: counted.db, accessKeyHash: hashOf(ACCESS_KEY), workerNetworks: networks },
  });
});
afterAll(async () => {
  api.platform.close();
  await target.stop();
  await sqld.stop();
});

it('are two rows a minute while nothing changes, and no request; that is what one more check is said to cost', async () => {
  await api.patch('/settings', { fromWorker: true, planWorker: 'workers_free' });
  const before = (await api.get('/usage')).body.oneMoreCheck[0];
  expect(before).toMatchObject({ interval: '1m', locations: 1, requests: 0 });
  // A day of minutes with two rows each, and what folding its hours writes.
  expect(before.rowsWritten).toBeGreaterThanOrEqual(2 * 1440);
  expect(before.rowsWritten).toBeLessThan(2 * 1440 + 40);
  await api.post('/hosts', { target: `${target.origin}/` });
  await api.post('/hosts', { target: `${target.origin}/2` });
  await lookFromHere(api.platform);
  for (let minute = 0; minute < 3; minute++) {
    await api.platform.settle();
    api.platform.advance(60_000);
    counted.reset();
    await lookFromHere(api.platform);
    expect(counted.rows.written).toBe(2);
    // Of the outside calls that a run of the tick may make (50 on the free plan).
    expect(counted.rows.calls).toBeLessThanOrEqual(6);
    expect(counted.rows.read).toBeLessThan(25);
  }
  expect(target.asked).toHaveLength(8);
  const { oneMoreCheck } = (await api.get('/usage')).body;
  // They share the two rows of the minute.
  expect(oneMoreCheck[0].rowsWritten).toBeLessThan(60);
});
