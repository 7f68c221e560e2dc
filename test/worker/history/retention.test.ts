import { describe, expect, it } from 'vitest';
import { ACCESS_KEY, hashOf } from '#test/support/api.ts';
import { foldAll, HOUR, minutely, postAll, runnerAt } from '#test/support/history.ts';
import { TEST_START, type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';

const T = TEST_START;
const DAY = 24 * HOUR;

async function call(platform: TestPlatform, method: string, path: string, body?: unknown) {
  const answer = await app.request(
    `/api/v1${path}`,
    {
      method,
      headers: { authorization: `Bearer ${ACCESS_KEY}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
    platform,
  );
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

describe('how long readings are kept', () => {
  it('says what will be gone, shrinks without a hole, and removes the old ring in the end', async () => {
    const platform = await testPlatform({ accessKeyHash: hashOf(ACCESS_KEY) });
    const home = await runnerAt(platform, 'Home');
    const [id = 0] = await seedChecks(platform);
    await foldAll(platform);
    const hours = async (count: number) => {
      for (let hour = 0; hour < count; hour++) {
        const from = platform.now();
        platform.advance(HOUR);
        await postAll(
          home,
          minutely(id, from, from + HOUR).filter((_, index) => index % 10 === 0),
        );
        await foldAll(platform);
      }
    };
    const counted = async (fromAt: number, toAt: number) => {
      const range = `from=${new Date(fromAt).toISOString()}&to=${new Date(toAt).toISOString()}`;
      const answer = await app.request(
        `/api/v1/checks/${id}/results.ndjson?${range}`,
        {},
        platform,
      );
      return (await answer.text()).split('\n').length - 1;
    };
    await hours(60);
    const asked = await call(platform, 'PATCH', '/settings/retention', {
      detail: '1d',
      dryRun: true,
    });
    expect(asked.body).toMatchObject({ detail: '1d', done: false });
    expect(asked.body.gone).toContain('Every reading before 2026-11-22 22:00:00 UTC is gone');
    expect(await counted(T, platform.now())).toBe(360);
    expect((await call(platform, 'GET', '/settings/retention')).body).toMatchObject({
      detail: '30d',
      done: true,
    });

    await call(platform, 'PATCH', '/settings/retention', { detail: '1d' });
    const rows = async () =>
      Number((await platform.db.$client.execute('select count(*) as n from chunk')).rows[0]?.n);
    for (let hour = 0; hour < 30; hour++) {
      await hours(1);
      // All of the last day is there, whichever ring it lies in.
      expect(await counted(platform.now() - 22 * HOUR, platform.now())).toBe(132);
    }
    await foldAll(platform);
    await foldAll(platform);
    await foldAll(platform);
    expect(await rows()).toBeLessThanOrEqual(24);
    expect(await counted(T, T + DAY)).toBe(0);
    const longer = await call(platform, 'PATCH', '/settings/retention', { detail: '90d' });
    expect(longer.body).toMatchObject({ detail: '90d', gone: null });
    expect((await call(platform, 'PATCH', '/settings/retention', { detail: '900d' })).status).toBe(
      400,
    );
    await hours(30);
    expect(await counted(platform.now() - 45 * HOUR, platform.now())).toBeGreaterThanOrEqual(
      45 * 6,
    );
    platform.close();
  }, 60_000);

  it('keeps readings of one host for a time of its own, and gives the room back afterwards', async () => {
    const platform = await testPlatform({ accessKeyHash: hashOf(ACCESS_KEY) });
    const home = await runnerAt(platform, 'Home');
    const [usual = 0] = await seedChecks(platform, { host: 'Usual' });
    const [own = 0] = await seedChecks(platform, { host: 'Own', position: 1 });
    await foldAll(platform);
    const hours = async (count: number) => {
      for (let hour = 0; hour < count; hour++) {
        const from = platform.now();
        platform.advance(HOUR);
        for (const id of [usual, own]) {
          await postAll(
            home,
            minutely(id, from, from + HOUR).filter((_, i) => i % 20 === 0),
          );
        }
        await foldAll(platform);
      }
    };
    const counted = async (id: number) => {
      const range = `from=${new Date(T).toISOString()}&to=${new Date(platform.now()).toISOString()}`;
      const path = `/api/v1/checks/${id}/results.ndjson?${range}`;
      return (await (await app.request(path, {}, platform)).text()).split('\n').length - 1;
    };
    const rows = async (id: number) =>
      Number(
        (
          await platform.db.$client.execute({
            sql: 'select count(*) as n from chunk where k % 1048576 = ?',
            args: [id],
          })
        ).rows[0]?.n,
      );
    await hours(30);
    const wish = { hosts: [{ id: 2, detail: '1d' }] };
    const asked = await call(platform, 'PATCH', '/settings/retention', { ...wish, dryRun: true });
    expect(asked.body.gone).toContain('Every reading of host 2 before 2026-11-');
    expect(await counted(own)).toBe(90);
    expect((await call(platform, 'PATCH', '/settings/retention', wish)).body).toMatchObject({
      detail: '30d',
      hosts: [{ id: 2, detail: '1d' }],
    });
    await hours(30);
    expect(await counted(usual)).toBe(180);
    expect(await counted(own)).toBeLessThanOrEqual(24 * 3 + 3);
    expect(await counted(own)).toBeGreaterThanOrEqual(23 * 3);
    await foldAll(platform);
    await foldAll(platform);
    expect(await rows(own)).toBeLessThanOrEqual(24);
    expect(await rows(usual)).toBeGreaterThanOrEqual(59);
    // Back to what all have, and all change: both go on without a hole.
    const back = { detail: '2d', hosts: [{ id: 2, detail: null }] };
    expect((await call(platform, 'PATCH', '/settings/retention', back)).body).toMatchObject({
      detail: '2d',
      hosts: [],
    });
    await hours(50);
    expect(await counted(own)).toBeGreaterThanOrEqual(47 * 3);
    expect(await counted(usual)).toBeLessThanOrEqual(49 * 3);
    platform.close();
  }, 120_000);

  it('keeps figures of hours and days for as long as is set, and says what goes', async () => {
    const platform = await testPlatform({ accessKeyHash: hashOf(ACCESS_KEY) });
    const home = await runnerAt(platform, 'Home');
    const [id = 0] = await seedChecks(platform);
    await foldAll(platform);
    const days = async (count: number) => {
      for (let hour = 0; hour < count * 24; hour += 6) {
        const from = platform.now();
        platform.advance(6 * HOUR);
        await postAll(
          home,
          minutely(id, from, from + 6 * HOUR).filter((_, i) => i % 60 === 0),
          {
            stream: 'late',
          },
        );
        await foldAll(platform);
      }
    };
    const pass = async (count: number) => {
      platform.advance(count * DAY);
      await foldAll(platform);
    };
    await days(3);
    await pass(25);
    await days(3);
    const known = async (step: string) => {
      const range = `from=${new Date(T).toISOString()}&to=${new Date(platform.now()).toISOString()}`;
      const { body } = await call(platform, 'GET', `/checks/${id}/series?${range}&step=${step}`);
      const { points } = body.merged as { points: Array<{ at: string; count: number }> };
      return points.filter(({ count }) => count > 0).length;
    };
    expect(await known('1h')).toBeGreaterThanOrEqual(5 * 24);
    expect(await known('1d')).toBeGreaterThanOrEqual(6);
    const wish = { hours: '14d', days: '31d' };
    const asked = await call(platform, 'PATCH', '/settings/retention', { ...wish, dryRun: true });
    expect(asked.body).toMatchObject({ ...wish, done: false });
    expect(asked.body.gone).toMatch(
      /^Figures by the hour before .* are gone: .* Figures by the day before .* are gone: /,
    );
    expect(await known('1h')).toBeGreaterThanOrEqual(5 * 24);
    const done = await call(platform, 'PATCH', '/settings/retention', wish);
    expect(done.body).toMatchObject({ ...wish, detail: '30d', done: true });
    expect(await known('1h')).toBeLessThanOrEqual(3 * 24 + 2);
    await days(2);
    expect(await known('1h')).toBeGreaterThanOrEqual(4 * 24);
    await pass(3);
    expect(await known('1d')).toBeLessThanOrEqual(7);
    await pass(30);
    await days(1);
    for (let round = 0; round < 4; round++) await foldAll(platform);
    const kept = async (table: string) =>
      Number((await platform.db.$client.execute(`select count(*) as n from ${table}`)).rows[0]?.n);
    expect(await kept('hours')).toBeLessThanOrEqual(3);
    expect(await known('1d')).toBeLessThanOrEqual(2);
    expect(
      (await call(platform, 'PATCH', '/settings/retention', { hosts: [{ id: 9, detail: '2d' }] }))
        .body,
    ).toMatchObject({ errors: [{ path: 'hosts[0].id', message: 'there is no host 9' }] });
    platform.close();
  }, 120_000);
});
