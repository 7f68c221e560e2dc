// A long outage: runners bring more late results than the ring of arrivals holds before they are folded.
import { describe, expect, it } from 'vitest';
import { foldAll, HOUR, MINUTE, minutely, runnerAt } from '#test/support/history.ts';
import { testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';
import { keepHistory } from '#worker/history/history.ts';

describe('late results of a long outage', { timeout: 120_000 }, () => {
  it('are held back while older ones are not folded, and none is lost', async () => {
    const platform = await testPlatform();
    const home = await runnerAt(platform, 'Home');
    const [id = 0] = await seedChecks(platform);
    await foldAll(platform);
    const outageAt = platform.now();
    platform.advance(60 * HOUR);
    await foldAll(platform);
    const waiting = minutely(id, outageAt + HOUR, platform.now() - 2 * HOUR);
    const total = waiting.length;
    let refused = 0;
    // The cron has died meanwhile: an hour of results comes every twenty minutes, and nothing is folded.
    while (waiting.length > 0) {
      const some = waiting.slice(0, 60);
      const answer = await home.post(some, { stream: 'late' });
      if (answer.status === 429) {
        refused += 1;
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(await answer.json()).toMatchObject({ code: 'too_many' });
        // The tick is back; a slice a minute, as at the edge.
        for (let minute = 0; minute < 30; minute++) {
          platform.advance(MINUTE);
          await keepHistory(platform, 1);
        }
        continue;
      }
      expect(answer.status).toBe(200);
      waiting.splice(0, some.length);
      platform.advance(20 * MINUTE);
    }
    expect(refused).toBeGreaterThan(0);
    await foldAll(platform);
    const range = `from=${new Date(outageAt).toISOString()}&to=${new Date(platform.now()).toISOString()}`;
    const text = await app.request(`/api/v1/checks/${id}/results.ndjson?${range}`, {}, platform);
    expect((await text.text()).trimEnd().split('\n')).toHaveLength(total);
    platform.close();
  });

  it('never hold back what is new', async () => {
    const platform = await testPlatform();
    const home = await runnerAt(platform, 'Home');
    const [id = 0] = await seedChecks(platform);
    await foldAll(platform);
    platform.advance(10 * HOUR);
    const late = minutely(id, platform.now() - 5 * HOUR, platform.now() - 4 * HOUR);
    expect((await home.post(late, { stream: 'late' })).status).toBe(429);
    const now = platform.now();
    expect((await home.post(minutely(id, now, now + MINUTE))).status).toBe(200);
    platform.close();
  });

  it('are not needed for what arrived just before the worker stopped: it is folded when it is back', async () => {
    const platform = await testPlatform();
    const home = await runnerAt(platform, 'Home');
    const [id = 0] = await seedChecks(platform);
    await foldAll(platform);
    const at = platform.now();
    platform.advance(5 * MINUTE);
    await home.post(minutely(id, at, at + 5 * MINUTE));
    platform.advance(60 * HOUR);
    await foldAll(platform);
    const range = `from=${new Date(at).toISOString()}&to=${new Date(at + HOUR).toISOString()}`;
    const text = await app.request(`/api/v1/checks/${id}/results.ndjson?${range}`, {}, platform);
    expect((await text.text()).trimEnd().split('\n')).toHaveLength(5);
    const { rows } = await platform.db.$client.execute(
      `select 1 from event where kind = 'history.lost'`,
    );
    expect(rows).toEqual([]);
    platform.close();
  });

  it('hours that no tick folded before newer results took their place are told of', async () => {
    const platform = await testPlatform();
    const home = await runnerAt(platform, 'Home');
    const [id = 0] = await seedChecks(platform);
    await foldAll(platform);
    for (let minutes = 0; minutes < 14 * 60; minutes += 4) {
      const at = platform.now();
      platform.advance(4 * MINUTE);
      await home.post(minutely(id, at, at + MINUTE));
    }
    await foldAll(platform);
    const { rows } = await platform.db.$client.execute(
      `select text from event where kind = 'history.lost'`,
    );
    expect(String(rows[0]?.text)).toContain('no tick folded the history from 2026-11-');
    platform.close();
  });
});
