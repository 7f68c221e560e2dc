// What a beat costs, by sqld's own count.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS_KEY, Api, hashOf } from '#test/support/api.ts';
import { addHeartbeat, call, MINUTE } from '#test/support/beats.ts';
import { testPlatform } from '#test/support/platform.ts';
import { type Counted, countingDb } from '#test/support/rows.ts';
import { type Sqld, startSqld } from '#test/support/sqld.ts';
import { tick } from '#worker/tick/tick.ts';

const api = new Api();
let sqld: Sqld;
let counted: Counted;

beforeAll(async () => {
  sqld = await startSqld();
  counted = await countingDb(sqld.url);
  api.platform = await testPlatform({ db: counted.db, accessKeyHash: hashOf(ACCESS_KEY) });
  // What follows an answer is counted by tests of its own.
  api.platform.defer = () => undefined;
  await tick(api.platform);
});
afterAll(() => sqld.stop());

/** Rows written and read by calls of a job. */
async function costOf(
  path: string,
  init?: RequestInit,
): Promise<{ written: number; read: number }> {
  counted.reset();
  expect((await call(api, path, init)).ok).toBe(true);
  const { written, read } = counted.rows;
  return { written, read };
}

describe('rows of a beat on a real sqld', () => {
  it('are two written at the most while nothing changes, with a body or without, and none when it repeats itself', async () => {
    const { path } = await addHeartbeat(api, { period: '10m' });
    await call(api, path);
    for (const init of [{}, { method: 'POST', body: 'all is well' }, { method: 'HEAD' }]) {
      api.platform.advance(5 * MINUTE);
      const { written, read } = await costOf(path, init);
      expect(written).toBe(2);
      expect(read).toBeLessThanOrEqual(8);
      expect((await costOf(path)).written).toBe(0);
    }
    expect((await costOf(`${path}/start`)).written).toBe(1);
    api.platform.advance(90_000);
    // The run that it ends is a metric, which has a row of its own: two calls, four rows.
    expect((await costOf(path)).written).toBe(3);
    expect((await costOf(`${path}/log`, { method: 'POST', body: 'x' })).written).toBe(1);
  });

  it('are none written, and next to none read, for a token that nobody was given', async () => {
    const token = createHash('sha256').update('nobody').digest('base64url').slice(0, 24);
    counted.reset();
    expect((await call(api, `/beat/${token}`)).status).toBe(404);
    expect(counted.rows.written).toBe(0);
    expect(counted.rows.read).toBeLessThanOrEqual(1);
  });

  it('of the tick are few, however many heartbeats are missed', async () => {
    const checks = Array.from({ length: 60 }, (_, n) => ({
      target: `heartbeat:job ${n}`,
      period: '1m',
      grace: '0s',
    }));
    const { body } = await api.post('/hosts', { name: 'Many', checks });
    for (const { url } of body.host.heartbeats) await call(api, new URL(url).pathname);
    // The worker was deaf while the tests before went on, and forgives for two minutes.
    for (let minute = 0; minute < 8; minute++) {
      api.platform.advance(MINUTE);
      await tick(api.platform);
    }
    expect(await api.count('answered', 'level = 999')).toBe(60);
    // What is still missed is said again each minute, of all at once.
    api.platform.advance(MINUTE);
    counted.reset();
    await tick(api.platform);
    expect(counted.rows.written).toBeLessThanOrEqual(12);
  });
});
