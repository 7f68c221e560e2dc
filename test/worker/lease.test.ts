// What several workers on one database share: the tick is done by one of them, whoever dies; pages come from a replica.
import { createClient } from '@libsql/client/web';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeRunner, makeJoinCode, result } from '#test/support/fakeRunner.ts';
import { openTestDb, type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { type RoundRobin, startRoundRobin } from '#test/support/roundRobin.ts';
import { heldStatus, seedChecks } from '#test/support/seed.ts';
import { type Primary, startPrimary, startReplica } from '#test/support/sqld.ts';
import { until } from '#test/support/until.ts';
import { app } from '#worker/app.ts';
import { metered } from '#worker/meter/counter.ts';
import { tick } from '#worker/tick/tick.ts';
import { openCopy } from '../../bin/server/copy.ts';

const bad = { level: 500, rttUs: null, code: 'connect.timeout', text: 'no answer' };

/** A worker of its own on the database, whose statements are written down. */
async function workerOn(url: string): Promise<{ platform: TestPlatform; said: string[] }> {
  const said: string[] = [];
  const client = metered(url, (send) =>
    createClient({
      url,
      fetch: async (request: Request) => {
        said.push(await request.clone().text());
        return send(request);
      },
    }),
  );
  return { platform: await testPlatform({ db: { $client: client }, flushMs: 1000 }), said };
}

async function runnerAt(platform: TestPlatform, location: string): Promise<FakeRunner> {
  const ask = (path: string, init?: RequestInit) =>
    Promise.resolve(app.request(path, init, platform));
  const code = await makeJoinCode(platform, { location });
  return FakeRunner.enrol(ask, { code, now: platform.now, name: location });
}

describe('several workers on one sqld', () => {
  let sqld: Primary;
  beforeEach(async () => {
    sqld = await startPrimary();
    (await openTestDb(sqld.url)).$client.close();
  });
  afterEach(() => sqld.stop());

  it('do the work of ticks at the same moment once, whoever of them is the quickest', async () => {
    const workers = await Promise.all([1, 2, 3].map(() => workerOn(sqld.url)));
    const [first] = workers as [Awaited<ReturnType<typeof workerOn>>];
    const home = await runnerAt(first.platform, 'Home');
    await seedChecks(first.platform);
    for (let round = 0; round < 20; round++) {
      for (const { platform, said } of workers) {
        platform.advance(60_000);
        said.length = 0;
      }
      // Five minutes there, five minutes silent.
      if (round % 10 < 5) await home.post([]);
      await Promise.all(workers.map(({ platform }) => tick(platform)));
      const busy = workers.filter(({ said }) => said.some((text) => text.includes('from folded')));
      expect(busy, `round ${round}`).toHaveLength(1);
    }
    const { rows } = await first.platform.db.$client.execute('select kind from event order by id');
    expect(rows.map(({ kind }) => kind)).toEqual(
      Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? 'fleet.silent' : 'fleet.back')).slice(
        0,
        rows.length,
      ),
    );
    expect(rows.length).toBeGreaterThan(2);
    for (const { platform } of workers) platform.db.$client.close();
  }, 120_000);

  it('leave a tick to the one that has just begun it, and do it themselves when nothing came of that', async () => {
    const [one, two] = await Promise.all([workerOn(sqld.url), workerOn(sqld.url)]);
    const home = await runnerAt(one.platform, 'Home');
    const [id = 0] = await seedChecks(one.platform, { failures: 1 });
    for (const { platform } of [one, two]) platform.advance(60_000);
    await home.post([result(id, one.platform.now())]);
    await tick(one.platform);
    two.platform.advance(1000);
    two.said.length = 0;
    await one.platform.db.$client.execute('update view set judged_seq = judged_seq - 1');
    const unjudged = async () => {
      const { rows } = await one.platform.db.$client.execute(
        'select count(*) as n from view where seq <> judged_seq',
      );
      return rows[0]?.n;
    };
    await tick(two.platform);
    expect(two.said.some((text) => text.includes('from folded'))).toBe(false);
    expect(await unjudged()).toBe(1);
    two.platform.advance(4000);
    await tick(two.platform);
    expect(await unjudged()).toBe(0);
    for (const { platform } of [one, two]) platform.db.$client.close();
  });
});

describe('a tick that dies between its own row and what follows from it', () => {
  it('is made good by the next one', async () => {
    const platform = await testPlatform();
    const [home, office] = [await runnerAt(platform, 'Home'), await runnerAt(platform, 'Office')];
    const ids = await seedChecks(platform, {
      count: 8,
      intervalMs: 600_000,
      policy: { type: 'all' },
    });
    const both = async (officeSays: object) => {
      platform.advance(60_000);
      const at = platform.now();
      await home.post(ids.map((id) => result(id, at)));
      await office.post(ids.map((id) => result(id, at, officeSays)));
    };
    await both({});
    await tick(platform);
    for (let minute = 0; minute < 2; minute++) {
      await both(bad);
      await tick(platform);
    }
    await both(bad);
    // The judging that follows the quarantine of Office is what this one does not live to see.
    await tick(dyingBeforeJudging(platform));
    const { rows } = await platform.db.$client.execute(
      `select count(*) as n from event where kind = 'fleet.quarantined'`,
    );
    expect(rows[0]?.n).toBe(1);
    expect(await heldStatus(platform, ids[0] ?? 0)).toBe('down');
    platform.advance(20_000);
    await tick(platform);
    expect(await heldStatus(platform, ids[0] ?? 0)).not.toBe('down');
    platform.close();
  });
});

/** The same platform, whose process ends once the tick has written its own row. */
function dyingBeforeJudging(platform: TestPlatform): TestPlatform {
  const { $client } = platform.db;
  let dead = false;
  const client = new Proxy($client, {
    get(target, name) {
      const member = Reflect.get(target, name, target);
      if (name !== 'batch') return typeof member === 'function' ? member.bind(target) : member;
      return async (statements: Array<string | { sql: string }>, mode: 'write') => {
        if (dead) throw new Error('killed');
        const results = await target.batch(statements, mode);
        dead = statements.some((each) => JSON.stringify(each).includes('update pulse'));
        return results;
      };
    },
  });
  return { ...platform, db: { $client: client }, log: () => undefined };
}

describe('pages of visitors', () => {
  let primary: Primary;
  let door: RoundRobin;
  beforeEach(async () => {
    primary = await startPrimary();
    door = await startRoundRobin();
  });
  afterEach(async () => {
    await door.close();
    await primary.stop();
  });

  it('are read from the replica, from the primary while that is gone, and by the signed-in never', async () => {
    const db = await openTestDb(primary.url);
    const replica = await startReplica(primary);
    door.targets = [replica.url];
    const said: string[] = [];
    const log = (_: string, message: string) => said.push(message);
    const copy = openCopy(door.url, { authToken: undefined, db, log });
    const platform = { ...(await testPlatform({ db, flushMs: 1000 })), copy };
    await seedChecks(platform, { host: 'Shop' });
    const page = async (path: string) => (await app.request(path, {}, platform)).text();
    await until(
      () => page('/hosts/1'),
      (text) => text.includes('Shop'),
    );
    expect(door.calls()).toBeGreaterThan(0);
    const asked = door.calls();
    await runnerAt(platform, 'Home');
    await tick(platform);
    expect(door.calls()).toBe(asked);
    await replica.stop();
    expect(await page('/hosts/1')).toContain('Shop');
    platform.advance(10_000);
    expect(await page('/')).toContain('Shop');
    expect(said).toEqual([expect.stringMatching(/replica does not answer/)]);
    copy.$client.close();
    db.$client.close();
  });
});
