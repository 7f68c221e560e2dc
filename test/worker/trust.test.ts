// Runners that are mistaken, or know that they may be: told once, and nothing is called down for it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '#core/notice.ts';
import { FakeRunner, makeJoinCode, type PostOptions, result } from '#test/support/fakeRunner.ts';
import { signedIn } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { heldStatus, seedChecks } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';
import { tick } from '#worker/tick/tick.ts';

let platform: TestPlatform;
const ask = (path: string, init?: RequestInit) =>
  Promise.resolve(app.request(path, init, platform));
const bad = { level: 500, rttUs: null, code: 'connect.timeout', text: 'no answer' };

async function runnerAt(location: string): Promise<FakeRunner> {
  const code = await makeJoinCode(platform, { location });
  return FakeRunner.enrol(ask, { code, now: platform.now, name: location });
}

async function owed(): Promise<string[]> {
  const { rows } = await platform.db.$client.execute('select notice from delivery order by id');
  return rows.map((row) => {
    const notice = JSON.parse(String(row.notice)) as Notice;
    if (notice.type === 'fleet') return `${notice.event} ${notice.runners[0]?.name ?? ''}`.trim();
    return notice.type === 'check' ? `${notice.subject.hostName} ${notice.to}` : notice.type;
  });
}

interface Says {
  runner: FakeRunner;
  reading?: typeof bad | object;
  options?: PostOptions;
}

/** Each minute every runner measures all checks and posts, then the worker ticks. */
async function minutes(count: number, ids: readonly number[], says: readonly Says[]) {
  for (let minute = 0; minute < count; minute++) {
    platform.advance(60_000);
    for (const { runner, reading = {}, options = {} } of says) {
      await runner.post(
        ids.map((id) => result(id, platform.now(), reading)),
        options,
      );
    }
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

describe('a runner whose checks fail en masse while another location sees them up', () => {
  it('is quarantined, told once, and trusted again when it agrees', async () => {
    const home = await runnerAt('Home');
    const office = await runnerAt('Office');
    const ids = await seedChecks(platform, { count: 8, policy: { type: 'all' } });
    await minutes(2, ids, [{ runner: home }, { runner: office }]);
    platform.advance(2000);
    // From here on Office says down of everything; under "all" that would be down.
    await minutes(1, ids, [{ runner: home }, { runner: office, reading: bad }]);
    await minutes(4, ids, [{ runner: home }, { runner: office, reading: bad }]);
    expect((await owed()).filter((each) => each === 'quarantined Office')).toHaveLength(1);
    expect(await heldStatus(platform, ids[0] ?? 0)).not.toBe('down');
    await minutes(3, ids, [{ runner: home }, { runner: office }]);
    expect((await owed()).filter((each) => each.endsWith(' Office'))).toEqual([
      'quarantined Office',
      'trusted Office',
    ]);
    expect(await heldStatus(platform, ids[0] ?? 0)).toBe('up');
  });

  it('takes nothing down with it under "any", and the page says why it does not count', async () => {
    const home = await runnerAt('Home');
    const office = await runnerAt('Office');
    const ids = await seedChecks(platform, { count: 8 });
    await minutes(2, ids, [{ runner: home }, { runner: office }]);
    await minutes(5, ids, [{ runner: home }, { runner: office, reading: bad }]);
    expect(await owed()).toEqual(['quarantined Office']);
    const owner = await signedIn(platform);
    const { text } = await owner.get('/hosts/1');
    expect(text).toContain('Office is quarantined');
    expect((await owner.get('/admin/runners')).text).toContain('Quarantined');
  });

  it('is believed when the others find the same, though later', async () => {
    const home = await runnerAt('Home');
    const office = await runnerAt('Office');
    const ids = await seedChecks(platform, { count: 8 });
    await minutes(2, ids, [{ runner: home }, { runner: office }]);
    await minutes(6, ids, [
      { runner: home, reading: bad },
      { runner: office, reading: bad },
    ]);
    expect((await owed()).some((each) => each.startsWith('quarantined'))).toBe(false);
    expect(await heldStatus(platform, ids[0] ?? 0)).toBe('down');
  });
});

describe('a runner that says it is blind', () => {
  it('is one message, about the runner; nothing it sees fail is called down', async () => {
    const home = await runnerAt('Home');
    const ids = await seedChecks(platform, { count: 8 });
    await minutes(2, ids, [{ runner: home }]);
    const blindSinceAt = platform.now() + 1000;
    const dark = {
      runner: home,
      reading: { ...bad, blind: true },
      options: { health: { blindSinceAt } },
    };
    await minutes(6, ids, [dark]);
    expect(await owed()).toEqual(['blind Home']);
    expect(await heldStatus(platform, ids[0] ?? 0)).toBe('unknown');
    const owner = await signedIn(platform);
    expect((await owner.get('/hosts/1')).text).toContain('Home cannot trust its own network');
    await minutes(2, ids, [{ runner: home, options: { health: {} } }]);
    expect(await owed()).toEqual(['blind Home', 'sees Home']);
    expect(await heldStatus(platform, ids[0] ?? 0)).toBe('up');
  });
});

describe('one location alone against the others', () => {
  it('is disputed after ten minutes, told once, and the page says so', async () => {
    const [home, office, attic] = [
      await runnerAt('Home'),
      await runnerAt('Office'),
      await runnerAt('Attic'),
    ];
    const ids = await seedChecks(platform, { count: 1 });
    await minutes(2, ids, [{ runner: home }, { runner: office }, { runner: attic }]);
    await minutes(20, ids, [
      { runner: home },
      { runner: office, reading: bad },
      { runner: attic, reading: bad },
    ]);
    expect(await owed()).toEqual(['disputed']);
    const owner = await signedIn(platform);
    expect((await owner.get('/hosts/1')).text).toContain(
      'Up, but disputed: only Home can reach it; Office and Attic cannot',
    );
    await minutes(3, ids, [{ runner: home }, { runner: office }, { runner: attic }]);
    expect(await owed()).toEqual(['disputed']);
    expect((await owner.get('/hosts/1')).text).not.toContain('disputed');
  });
});
