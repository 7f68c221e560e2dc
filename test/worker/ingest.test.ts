import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeSegments } from '#core/store/segment.ts';
import { bumpConfig } from '#db/plan.ts';
import { ACCESS_KEY, hashOf } from '#test/support/api.ts';
import { FakeRunner, makeJoinCode, makeRunnerKey, result } from '#test/support/fakeRunner.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { flipsOf, heldStatus, seedChecks } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';
import { tick } from '#worker/tick/tick.ts';

let platform: TestPlatform;
const ask = (path: string, init?: RequestInit) =>
  Promise.resolve(app.request(path, init, platform));

async function runnerAt(location: string, name = `runner in ${location}`): Promise<FakeRunner> {
  const code = await makeJoinCode(platform, { location });
  return FakeRunner.enrol(ask, { code, now: platform.now, name });
}

/** Who is signed in gets what is so this moment. */
const owner = { headers: { authorization: `Bearer ${ACCESS_KEY}` } };
const bad = { level: 500, rttUs: null, code: 'connect.refused', text: 'refused' };

beforeEach(async () => {
  platform = await testPlatform({ accessKeyHash: hashOf(ACCESS_KEY) });
});
afterEach(() => platform.close());

describe('a post of results', () => {
  it('turns a check up on the first good reading and down on the second bad one', async () => {
    const home = await runnerAt('Home');
    const [id = 0] = await seedChecks(platform);
    const t = platform.now();
    expect((await home.post([result(id, t)])).status).toBe(200);
    expect(await heldStatus(platform, id)).toBe('up');
    platform.advance(60_000);
    await home.post([result(id, t + 60_000, bad)]);
    expect(await heldStatus(platform, id)).toBe('up');
    platform.advance(2000);
    await home.post([result(id, t + 62_000, bad)]);
    expect(await heldStatus(platform, id)).toBe('down');
    expect(await flipsOf(platform, id)).toBe('unknown→up, up→down');
  });

  it('keeps a check up while one location still reaches it, and says who does not', async () => {
    const home = await runnerAt('Home');
    const office = await runnerAt('Office');
    const [id = 0] = await seedChecks(platform);
    const t = platform.now();
    await home.post([result(id, t)]);
    await office.post([result(id, t, bad), result(id, t + 2000, bad)]);
    platform.advance(5000);
    expect(await heldStatus(platform, id)).toBe('up');
    const status = (await (await ask('/api/v1/status', owner)).json()) as {
      hosts: Array<{ checks: Array<{ sentence: string; rttUs: number; locations: unknown[] }> }>;
    };
    const [check] = status.hosts[0]?.checks ?? [];
    expect(check?.sentence).toBe('up, but not from Office');
    expect(check?.locations).toHaveLength(2);
    expect(Math.abs((check?.rttUs ?? 0) - 1500)).toBeLessThan(5);
  });

  it('is down when nobody reaches it, and unknown when everybody is silent', async () => {
    const home = await runnerAt('Home');
    const office = await runnerAt('Office');
    const [id = 0] = await seedChecks(platform);
    await tick(platform);
    const t = platform.now();
    platform.advance(62_000);
    await home.post([result(id, t)]);
    for (const runner of [home, office]) {
      await runner.post([result(id, t + 60_000, bad), result(id, t + 62_000, bad)]);
    }
    expect(await heldStatus(platform, id)).toBe('down');
    for (let minute = 0; minute < 6; minute++) {
      platform.advance(60_000);
      await tick(platform);
    }
    expect(await heldStatus(platform, id)).toBe('unknown');
    expect(await flipsOf(platform, id)).toBe('unknown→up, up→down, down→unknown');
  });

  it('stores what it was sent, readable again', async () => {
    const home = await runnerAt('Home');
    const [id = 0] = await seedChecks(platform, { position: 41 });
    const t = platform.now();
    await home.post([result(id, t - 3000), result(id, t, { ...bad, rev: 1 })]);
    const { rows } = await platform.db.$client.execute('select b0 from recent');
    const stored = decodeSegments(new Uint8Array(rows[0]?.b0 as ArrayBuffer));
    expect(stored.map(({ position, at, level, code }) => [position, at, level, code])).toEqual([
      [41, t - 3000, 100, 'ok'],
      [41, t, 500, 'connect.refused'],
    ]);
  });

  it('appends a second flush to the row of the first and starts over when the ring comes round', async () => {
    const home = await runnerAt('Home');
    const [id = 0] = await seedChecks(platform);
    await home.post([result(id, platform.now())]);
    platform.advance(15_000);
    await home.post([result(id, platform.now())]);
    const count = async () => {
      const { rows } = await platform.db.$client.execute('select b0 from recent');
      return rows.map((row) => decodeSegments(new Uint8Array(row.b0 as ArrayBuffer)).length);
    };
    expect(await count()).toEqual([2]);
    platform.advance(512 * 60_000);
    await home.post([result(id, platform.now())]);
    expect(await count()).toEqual([1]);
  });

  it('is taken once: the same bytes under the same number change nothing', async () => {
    const home = await runnerAt('Home');
    const [id = 0] = await seedChecks(platform);
    const results = [result(id, platform.now())];
    await home.post(results);
    expect((await home.post(results, { seq: 1 })).status).toBe(200);
    const { rows } = await platform.db.$client.execute('select seq from view');
    expect(rows[0]?.seq).toBe(1);
    expect(await flipsOf(platform, id)).toBe('unknown→up');
  });

  it('out of order is refused with the number held, other bytes under a used number too', async () => {
    const home = await runnerAt('Home');
    const [id = 0] = await seedChecks(platform);
    await home.post([result(id, platform.now())]);
    for (const seq of [0, 1, 3, 9]) {
      const refused = await home.post([result(id, platform.now() + 1)], { seq });
      expect(refused.status).toBe(409);
      expect(await refused.json()).toMatchObject({ code: 'sequence', seq: 1 });
    }
    expect((await home.post([result(id, platform.now() + 1)], { seq: 2 })).status).toBe(200);
  });

  it('back-fills by the late stream without touching the present', async () => {
    const home = await runnerAt('Home');
    const [id = 0] = await seedChecks(platform);
    const t = platform.now();
    await home.post([result(id, t)]);
    const late = [result(id, t - 7_200_000, bad), result(id, t - 7_198_000, bad)];
    expect((await home.post(late, { stream: 'late' })).status).toBe(200);
    expect(await heldStatus(platform, id)).toBe('up');
    const { rows } = await platform.db.$client.execute('select b0 from backfill');
    expect(decodeSegments(new Uint8Array(rows[0]?.b0 as ArrayBuffer))).toHaveLength(2);
  });

  it('drops results of unknown checks and of the far future one by one, and says how many', async () => {
    const home = await runnerAt('Home');
    const [id = 0] = await seedChecks(platform);
    const answer = await home.post([
      result(id, platform.now()),
      result(4711, platform.now()),
      result(id, platform.now() + 61_000, bad),
    ]);
    expect(await answer.json()).toMatchObject({ dropped: 2, seq: 1 });
    expect(await heldStatus(platform, id)).toBe('up');
  });

  it('of an older revision goes to history only', async () => {
    const home = await runnerAt('Home');
    const [id = 0] = await seedChecks(platform);
    await home.post([result(id, platform.now(), { rev: 0 })]);
    expect(await heldStatus(platform, id)).toBe('unknown');
    const { rows } = await platform.db.$client.execute('select b0 from recent');
    const [stored] = decodeSegments(new Uint8Array(rows[0]?.b0 as ArrayBuffer));
    expect(stored?.old).toBe(true);
  });

  it('without results shows that the runner is there and takes no number', async () => {
    const home = await runnerAt('Home');
    expect((await home.post([])).status).toBe(200);
    const [id = 0] = await seedChecks(platform);
    expect((await home.post([result(id, platform.now())], { seq: 1 })).status).toBe(200);
    expect((await home.post([])).status).toBe(200);
    expect((await home.post([], { seq: 7 })).status).toBe(409);
  });

  it('hands out what is asked of the runner, once', async () => {
    const home = await runnerAt('Home');
    const now = platform.now();
    await platform.db.$client.batch(
      [
        {
          sql: `insert into ask (id, runner_id, body, created_at, expires_at) values ('a1', ?, ?, ?, ?)`,
          args: [
            Number(home.id),
            JSON.stringify({ type: 'try', config: { kind: 'icmp', target: 'x' }, timeoutMs: 1000 }),
            now,
            now + 60_000,
          ],
        },
        { sql: 'update runner set asks_until = ?', args: [now + 60_000] },
      ],
      'write',
    );
    expect(await (await home.post([])).json()).toMatchObject({ asks: [{ id: 'a1', type: 'try' }] });
    expect(await (await home.post([])).json()).toMatchObject({ asks: [] });
    const measurement = { level: 100, rttUs: 5, code: 'ok', text: '' };
    const body = new TextEncoder().encode(JSON.stringify({ measurement }));
    const stranger = await runnerAt('Office');
    expect((await stranger.call('POST', '/api/v1/runner/asks/a1', body)).status).toBe(404);
    expect((await home.call('POST', '/api/v1/runner/asks/a1', body)).status).toBe(204);
    expect((await home.call('POST', '/api/v1/runner/asks/a1', body)).status).toBe(404);
  });
});

describe('a post that is wrong', () => {
  async function refusal(answer: Promise<Response>): Promise<Record<string, unknown>> {
    const response = await answer;
    const problem = (await response.json()) as Record<string, unknown>;
    return { ...problem, status: response.status };
  }

  it('names each bad column and changes nothing', async () => {
    const home = await runnerAt('Home');
    const [id = 0] = await seedChecks(platform);
    const body = {
      v: 1,
      sentAt: 1,
      configVersion: 0,
      base: platform.now(),
      check: [id, id],
      rev: [1, 1],
      at: [0, 'x'],
      level: [100, 50],
      rttUs: [1],
      flags: [0, 0],
      reason: [-1, -1],
      reasons: [],
    };
    const told = await refusal(home.post([result(id, 1)], { body }));
    expect(told).toMatchObject({ status: 400, code: 'invalid_input' });
    expect((told.errors as Array<{ path: string }>).map(({ path }) => path)).toEqual([
      'at[1]',
      'rttUs',
    ]);
    const { rows } = await platform.db.$client.execute('select count(*) as n from view');
    expect(rows[0]?.n).toBe(0);
  });

  it('is refused with its reason: no token, other path, other body, stale, revoked', async () => {
    const home = await runnerAt('Home');
    const post = (claims: Record<string, unknown>) => refusal(home.post([], { claims }));
    const now = Math.floor(platform.now() / 1000);
    expect(await post({ aud: 'http://elsewhere' })).toMatchObject({
      status: 401,
      code: 'bad_token',
    });
    expect(await post({ htu: '/api/v1/runner/assignments' })).toMatchObject({ code: 'bad_token' });
    expect(await post({ htm: 'GET' })).toMatchObject({ code: 'bad_token' });
    expect(await post({ body: 'AAAA' })).toMatchObject({ code: 'bad_token' });
    expect(await post({ iat: now - 600, exp: now - 540 })).toMatchObject({
      code: 'clock_skew',
      now: platform.now(),
    });
    expect(await post({ iat: now, exp: now + 3600 })).toMatchObject({ code: 'bad_token' });
    expect(await post({ iss: '99' })).toMatchObject({ status: 401, code: 'unknown_runner' });
    expect(
      await refusal(ask('/api/v1/runner/results', { method: 'POST', body: '{}' })),
    ).toMatchObject({
      code: 'bad_token',
    });
    await platform.db.$client.execute(`update runner set status = 'revoked'`);
    expect(await post({})).toMatchObject({ status: 403, code: 'runner_revoked' });
  });

  it('is cut at 64 KB after inflation', async () => {
    const home = await runnerAt('Home');
    const told = await refusal(home.post([], { body: ' '.repeat(1_000_000), gzip: true }));
    expect(told).toMatchObject({ status: 413, code: 'too_large' });
  });
});

describe('enrolment', () => {
  it('spends a code once, and a wrong one opens nothing', async () => {
    const code = await makeJoinCode(platform, { location: 'Home' });
    await FakeRunner.enrol(ask, { code, now: platform.now });
    await expect(FakeRunner.enrol(ask, { code, now: platform.now })).rejects.toThrow('bad_code');
    await expect(
      FakeRunner.enrol(ask, { code: 'AAAA-BBBB-CCCC-DDDD', now: platform.now }),
    ).rejects.toThrow('bad_code');
    platform.advance(16 * 60_000);
  });

  it('is answered again when the answer was lost on the way, and spends the code once', async () => {
    const code = await makeJoinCode(platform, { location: 'Home' });
    const key = await makeRunnerKey();
    const first = await FakeRunner.enrol(ask, { code, key, now: platform.now });
    platform.advance(10_000);
    const again = await FakeRunner.enrol(ask, { code, key, now: platform.now });
    expect([again.id, again.location]).toEqual([first.id, 'Home']);
    await expect(FakeRunner.enrol(ask, { code, now: platform.now })).rejects.toThrow('bad_code');
    await platform.db.$client.execute(`update runner set status = 'revoked'`);
    await expect(FakeRunner.enrol(ask, { code, key, now: platform.now })).rejects.toThrow(
      'bad_code',
    );
  });

  it('takes a code typed in lower case without its dashes', async () => {
    const code = await makeJoinCode(platform, { location: 'Home' });
    const home = await FakeRunner.enrol(ask, { code: code.toLowerCase(), now: platform.now });
    expect(home.location).toBe('Home');
  });
});

describe('assignments', () => {
  it('tell a runner its checks and later only what changed', async () => {
    const home = await runnerAt('Home');
    const [first = 0] = await seedChecks(platform);
    const all = await home.assignments();
    expect(all).toMatchObject({ full: true, location: 'Home' });
    expect(all.checks.map(({ id, owner }) => [id, owner])).toEqual([[first, home.id]]);
    const [second = 0] = await seedChecks(platform, { host: 'Other', position: 1 });
    const later = await home.assignments(all.configVersion);
    expect(later.full).toBe(false);
    expect(later.checks.map(({ id }) => id)).toEqual([second]);
  });

  it('are told anew when the peers of a runner change while it asks', async () => {
    const one = await runnerAt('Home', 'one');
    await seedChecks(platform, { count: 3 });
    const { configVersion } = await one.assignments();
    const client = platform.db.$client;
    const batch = client.batch.bind(client);
    let changed = false;
    client.batch = async (statements, mode) => {
      if (!changed) {
        changed = true;
        await batch(bumpConfig([1]), 'write');
      }
      return batch(statements, mode);
    };
    const answer = await one.assignments(configVersion);
    expect(answer.configVersion).toBe(configVersion + 1);
    expect(answer.full).toBe(true);
    expect(answer.checks).toHaveLength(3);
  });

  it('come in pages of 500', async () => {
    const home = await runnerAt('Home');
    await seedChecks(platform, { count: 1000 });
    await seedChecks(platform, { count: 3, shard: 1 });
    expect((await home.assignments()).checks).toHaveLength(1003);
  });

  it('name one owner among the runners of a location and move its checks when it falls silent', async () => {
    const one = await runnerAt('Home', 'one');
    const two = await runnerAt('Home', 'two');
    const ids = await seedChecks(platform, { count: 20 });
    const t = platform.now();
    await tick(platform);
    await one.post([result(ids[0] ?? 0, t)]);
    await two.post([result(ids[1] ?? 0, t)]);
    const owners = new Set((await one.assignments()).checks.map(({ owner }) => owner));
    expect(owners).toEqual(new Set([one.id, two.id]));
    for (let minute = 0; minute < 3; minute++) {
      platform.advance(60_000);
      await two.post([]);
      await tick(platform);
    }
    const version = (await two.post([])).json() as Promise<{ configVersion: number }>;
    expect((await version).configVersion).toBeGreaterThan(0);
    const after = await two.assignments(1);
    expect(after.full).toBe(true);
    expect(new Set(after.checks.map(({ owner }) => owner))).toEqual(new Set([two.id]));
  });
});
