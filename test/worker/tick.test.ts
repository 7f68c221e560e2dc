import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '#core/notice.ts';
import { FakeRunner, makeJoinCode, result } from '#test/support/fakeRunner.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { flipsOf, heldStatus, seedChecks } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';
import { tick } from '#worker/tick/tick.ts';

let platform: TestPlatform;
const ask = (path: string, init?: RequestInit) =>
  Promise.resolve(app.request(path, init, platform));
const bad = { level: 500, rttUs: null, code: 'connect.refused', text: 'refused' };

async function runnerAt(location: string, name = location): Promise<FakeRunner> {
  const code = await makeJoinCode(platform, { location });
  return FakeRunner.enrol(ask, { code, now: platform.now, name });
}

/** What is owed to the one channel, in words. */
async function owed(): Promise<string[]> {
  const { rows } = await platform.db.$client.execute('select notice from delivery order by id');
  return rows.map((row) => {
    const notice = JSON.parse(String(row.notice)) as Notice;
    if (notice.type === 'fleet') {
      return `${notice.event} ${notice.runners.map(({ name }) => name).join('+')}`.trim();
    }
    return notice.type === 'check' ? `${notice.subject.hostName} ${notice.to}` : notice.type;
  });
}

/** Minutes go by; these runners post nothing but that they are there. */
async function minutes(count: number, present: readonly FakeRunner[] = []): Promise<void> {
  for (let minute = 0; minute < count; minute++) {
    platform.advance(60_000);
    for (const runner of present) await runner.post([]);
    await tick(platform);
  }
}

beforeEach(async () => {
  platform = await testPlatform();
  await platform.db.$client.batch(
    [
      `insert into channel (id, name, kind, config, secrets, enabled, created_at) values (1, 'ops', 'none', '{}', '', 1, 0)`,
      `insert into rule (channel_id, match, from_status, fleet) values (1, '{}', 'down', 1)`,
    ],
    'write',
  );
  await tick(platform);
});
afterEach(async () => {
  await platform.settle().catch(() => undefined);
  platform.close();
});

describe('a check that nobody probes any more', () => {
  it('becomes unknown though another of its shard is judged just as its time is up', async () => {
    const home = await runnerAt('Home');
    const [left = 0, kept = 0] = await seedChecks(platform, { intervalMs: 20_000, count: 2 });
    await home.post([result(left, platform.now()), result(kept, platform.now())]);
    expect(await heldStatus(platform, left)).toBe('up');
    await minutes(1, [home]);
    platform.advance(40_000);
    const t = platform.now();
    await home.post([result(kept, t - 1000, bad), result(kept, t, bad)]);
    expect(await heldStatus(platform, kept)).toBe('down');
    await minutes(1, [home]);
    expect(await heldStatus(platform, left)).toBe('unknown');
  });
});

describe('a runner that stops posting', () => {
  it('is told once, and again when it is back, and turns nothing into "down"', async () => {
    const home = await runnerAt('Home');
    const office = await runnerAt('Office');
    const [id = 0] = await seedChecks(platform);
    const t = platform.now();
    await home.post([result(id, t - 500)]);
    await office.post([result(id, t - 500, bad), result(id, t, bad)]);
    expect(await heldStatus(platform, id)).toBe('up');
    await minutes(4, [office]);
    expect(await owed()).toEqual(['silent Home']);
    expect(await flipsOf(platform, id)).not.toContain('down');
    await home.post([]);
    await minutes(1, [home, office]);
    expect(await owed()).toEqual(['silent Home', 'back Home']);
  });

  it('together with all others is one message about the runners, and nobody is told "down"', async () => {
    const home = await runnerAt('Home');
    const office = await runnerAt('Office');
    const [id = 0] = await seedChecks(platform);
    for (const runner of [home, office]) await runner.post([result(id, platform.now())]);
    await minutes(5);
    expect(await owed()).toEqual(['all_silent Home+Office']);
    expect(await heldStatus(platform, id)).toBe('unknown');
  });

  it('leaves "down" and its message to what the others saw themselves', async () => {
    const home = await runnerAt('Home');
    const office = await runnerAt('Office');
    const [id = 0] = await seedChecks(platform);
    const t = platform.now();
    for (const runner of [home, office]) await runner.post([result(id, t)]);
    platform.advance(62_000);
    await office.post([result(id, t + 60_000, bad), result(id, t + 62_000, bad)]);
    expect(await heldStatus(platform, id)).toBe('up');
    // Home falls silent; its last good word is older than Office's bad run, which began with a good reading before it.
    for (let minute = 2; minute < 8; minute++) {
      platform.advance(60_000);
      await office.post([result(id, platform.now(), bad)]);
      await tick(platform);
    }
    expect(await heldStatus(platform, id)).toBe('down');
    expect(await owed()).toContain('Example down');
  });
});

describe('a runner that was cut off and brings what it measured meanwhile', () => {
  /** Home was not heard of when Office saw it go down; then Home brings a good reading from before that. */
  async function homeBringsOldNews() {
    const home = await runnerAt('Home');
    const office = await runnerAt('Office');
    const [id = 0] = await seedChecks(platform, { intervalMs: 20_000 });
    const t = platform.now();
    for (const runner of [home, office]) await runner.post([result(id, t)]);
    platform.advance(102_000);
    await office.post([
      result(id, t + 80_000),
      result(id, t + 100_000, bad),
      result(id, t + 102_000, bad),
    ]);
    expect(await heldStatus(platform, id)).toBe('down');
    platform.advance(1000);
    // One bad reading of the two that it takes stands behind it already.
    await home.post([result(id, t + 90_000), result(id, t + 100_500, bad)]);
    expect(await heldStatus(platform, id)).toBe('down');
    return { home, id, t };
  }

  it('makes nothing up again that it has not reached since', async () => {
    const { home, id, t } = await homeBringsOldNews();
    await home.post([result(id, t + 102_500, bad)]);
    await tick(platform);
    expect(await flipsOf(platform, id)).toBe('unknown→up, up→down');
    expect(await owed()).toEqual(['Example down']);
  });

  it('makes it up at the next tick when it has', async () => {
    const { home, id, t } = await homeBringsOldNews();
    platform.advance(10_000);
    await home.post([result(id, t + 112_000)]);
    platform.advance(5000);
    await tick(platform);
    expect(await flipsOf(platform, id)).toBe('unknown→up, up→down, down→up');
    expect(await owed()).toEqual(['Example down', 'Example up']);
  });
});

describe('a worker that did not run', () => {
  it('calls nobody silent for it and says when it was deaf', async () => {
    const home = await runnerAt('Home');
    const [id = 0] = await seedChecks(platform);
    await home.post([result(id, platform.now())]);
    await minutes(1, [home]);
    platform.advance(20 * 60_000);
    await tick(platform);
    expect(await owed()).toEqual(['deaf']);
    expect(await heldStatus(platform, id)).toBe('up');
    platform.advance(30_000);
    await home.post([result(id, platform.now())]);
    await minutes(2, [home]);
    expect(await owed()).toEqual(['deaf']);
    expect(await flipsOf(platform, id)).toBe('unknown→up');
  });

  it('notices after the grace who really is gone', async () => {
    const home = await runnerAt('Home');
    const [id = 0] = await seedChecks(platform);
    await home.post([result(id, platform.now())]);
    platform.advance(20 * 60_000);
    await tick(platform);
    await minutes(4);
    expect(await owed()).toEqual(['deaf', 'silent Home']);
    expect(await heldStatus(platform, id)).toBe('unknown');
  });
});

describe('what a crash left behind', () => {
  it('is judged by the next tick: a view row that was written but not judged', async () => {
    const home = await runnerAt('Home');
    const [id = 0] = await seedChecks(platform, { failures: 1 });
    await home.post([result(id, platform.now())]);
    platform.advance(60_000);
    // The process dies between the two batches: the second one never reaches the database.
    const { $client } = platform.db;
    const batch = $client.batch.bind($client);
    $client.batch = (statements, mode) => {
      const text = JSON.stringify(statements);
      if (text.includes('update shard_state')) return Promise.reject(new Error('killed'));
      return batch(statements, mode);
    };
    expect((await home.post([result(id, platform.now(), bad)])).status).toBe(500);
    $client.batch = batch;
    expect(await heldStatus(platform, id)).toBe('up');
    await tick(platform);
    expect(await heldStatus(platform, id)).toBe('down');
    expect(await owed()).toEqual(['Example down']);
    // The runner repeats what got no answer; nothing is owed twice.
    await home.post([result(id, platform.now(), bad)], { seq: 2 });
    expect(await owed()).toEqual(['Example down']);
  });

  it('is judged with what another runner posts next, whatever that is about', async () => {
    const [home, office] = [await runnerAt('Home'), await runnerAt('Office')];
    const [shop = 0] = await seedChecks(platform, { host: 'Shop', failures: 1 });
    const [mail = 0] = await seedChecks(platform, { host: 'Mail', failures: 1, position: 1 });
    await home.post([result(shop, platform.now())]);
    await office.post([result(mail, platform.now())]);
    platform.advance(60_000);
    const { $client } = platform.db;
    const batch = $client.batch.bind($client);
    $client.batch = (statements, mode) =>
      JSON.stringify(statements).includes('update shard_state')
        ? Promise.reject(new Error('killed'))
        : batch(statements, mode);
    await home.post([result(shop, platform.now(), bad)]);
    $client.batch = batch;
    await office.post([result(mail, platform.now(), bad)]);
    expect(await owed()).toEqual(['Shop down', 'Mail down']);
  });
});

describe('messages', () => {
  it('are owed once for down and once for up', async () => {
    const home = await runnerAt('Home');
    const [id = 0] = await seedChecks(platform, { host: 'Shop' });
    const t = platform.now();
    await home.post([result(id, t)]);
    platform.advance(70_000);
    for (const after of [60_000, 62_000, 64_000]) await home.post([result(id, t + after, bad)]);
    await home.post([result(id, t + 66_000)]);
    expect(await owed()).toEqual(['Shop down', 'Shop up']);
  });

  it('tell the end of an outage that was only degraded at last to those who were told "down"', async () => {
    const home = await runnerAt('Home');
    const [id = 0] = await seedChecks(platform, { host: 'Shop', failures: 1 });
    const t = platform.now();
    for (const reading of [{}, bad, { level: 250, code: 'slow' }, {}]) {
      platform.advance(10_000);
      await home.post([result(id, platform.now(), reading)]);
    }
    expect(platform.now()).toBe(t + 40_000);
    expect(await owed()).toEqual(['Shop down', 'Shop degraded', 'Shop up']);
  });
});
