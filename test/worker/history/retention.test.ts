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
});
