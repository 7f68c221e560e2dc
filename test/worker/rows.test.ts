// Rows are the price: what one post costs, by sqld's own count.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeRunner, makeJoinCode, result } from '#test/support/fakeRunner.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { type Counted, countingDb } from '#test/support/rows.ts';
import { seedChecks } from '#test/support/seed.ts';
import { type Sqld, startSqld } from '#test/support/sqld.ts';
import { app } from '#worker/app.ts';

let sqld: Sqld;
let platform: TestPlatform;
let counted: Counted;
const ask = (path: string, init?: RequestInit) =>
  Promise.resolve(app.request(path, init, platform));

beforeAll(async () => {
  sqld = await startSqld();
  counted = await countingDb(sqld.url);
  platform = await testPlatform({ db: counted.db });
  // What follows an answer is counted by tests of its own.
  platform.defer = () => undefined;
});
afterAll(() => sqld.stop());

async function runnerAt(location: string): Promise<FakeRunner> {
  const code = await makeJoinCode(platform, { location });
  return FakeRunner.enrol(ask, { code, now: platform.now, name: location });
}

describe('rows of a post on a real sqld', () => {
  it('are two written and at most three read while nothing changes, with 50 and with 500 results', async () => {
    const home = await runnerAt('Home');
    await runnerAt('Office');
    const ids = await seedChecks(platform, { count: 500 });
    await home.post(ids.map((id) => result(id, platform.now())));
    for (const count of [50, 500]) {
      for (const advance of [15_000, 1000, 59_000]) {
        platform.advance(advance);
        counted.reset();
        const answer = await home.post(ids.slice(0, count).map((id) => result(id, platform.now())));
        expect(answer.status).toBe(200);
        const { rows } = counted;
        expect(rows.written).toBe(2);
        expect(rows.read).toBeLessThanOrEqual(3);
      }
    }
  });

  it('are one written at the most for a post without results', async () => {
    const lab = await runnerAt('Lab');
    await lab.post([]);
    counted.reset();
    await lab.post([]);
    expect(counted.rows.written).toBe(0);
    platform.advance(15_000);
    await lab.post([]);
    expect(counted.rows.written).toBe(1);
  });

  it('stay few when a check goes down: what was read is the runners of the shard and a handful', async () => {
    const home = await runnerAt('Home again');
    const [id = 0] = await seedChecks(platform, { shard: 3, failures: 1 });
    await home.post([result(id, platform.now())], { shard: 3 });
    platform.advance(60_000);
    counted.reset();
    await home.post([result(id, platform.now(), { level: 500, code: 'timeout', text: 'slow' })], {
      shard: 3,
    });
    const { rows } = counted;
    // Each other location's runner is asked to look too: its own row.
    const { rows: runners } = await platform.db.$client.execute('select id from runner');
    expect(rows.written).toBeLessThanOrEqual(11 + runners.length);
    expect(rows.read).toBeLessThanOrEqual(30 + 2 * runners.length);
  });

  it('are two written for a pack of evidence, and a few read', async () => {
    const home = await runnerAt('Attic');
    const [id = 0] = await seedChecks(platform, { shard: 4 });
    await home.post([result(id, platform.now())], { shard: 4 });
    await home.evidence(id, platform.now());
    counted.reset();
    expect(await home.evidence(id, platform.now() + 1)).toEqual({ status: 200, stored: true });
    expect(counted.rows.written).toBe(2);
    expect(counted.rows.read).toBeLessThanOrEqual(25);
    counted.reset();
    await home.evidence(id, platform.now() + 1);
    expect(counted.rows.written).toBe(0);
  });

  it('are the same for a runner of 5,000 checks: shards of 1,000, posts of 500', async () => {
    const big = await runnerAt('Data centre');
    const shards = [10, 11, 12, 13, 14];
    const ids = new Map<number, number[]>();
    for (const shard of shards) ids.set(shard, await seedChecks(platform, { shard, count: 1000 }));
    const flush = async (look: () => void) => {
      for (const [shard, own] of ids) {
        for (const half of [own.slice(0, 500), own.slice(500)]) {
          counted.reset();
          const results = half.map((id) => result(id, platform.now()));
          const answer = await big.post(results, { shard });
          expect(answer.status).toBe(200);
          look();
        }
      }
    };
    await flush(() => undefined);
    let posts = 0;
    for (const advance of [15_000, 60_000]) {
      platform.advance(advance);
      await flush(() => {
        posts += 1;
        expect(counted.rows.written).toBe(2);
        expect(counted.rows.read).toBeLessThanOrEqual(3);
      });
    }
    expect(posts).toBe(20);
    const one = ids.get(10) ?? [];
    const tooMany = [...one.slice(0, 500), one[500] ?? 0].map((id) => result(id, platform.now()));
    expect((await big.post(tooMany, { shard: 10 })).status).toBe(400);
  }, 60_000);
});
