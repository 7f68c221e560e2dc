// Days, bars and uptime, on a world of two and a half days with a reading every ten minutes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FakeRunner } from '#test/support/fakeRunner.ts';
import { result } from '#test/support/fakeRunner.ts';
import { BAD, foldAll, HOUR, MINUTE, postAll, runnerAt } from '#test/support/history.ts';
import { TEST_START, type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';
import { readBars } from '#worker/history/readBars.ts';
import { readSeries } from '#worker/history/readSeries.ts';
import { readUptime } from '#worker/history/readUptime.ts';

const T = TEST_START;
const DAY = 24 * HOUR;
const MIDNIGHT = Math.ceil(T / DAY) * DAY;
const STEP = 10 * MINUTE;
let platform: TestPlatform;
let runners: FakeRunner[];
let ids: number[];

// The first check is down from 23:30 to 00:40 and for half an hour on the first full day; the second never.
const isBad = (id: number, at: number) =>
  id === ids[0] &&
  ((at >= MIDNIGHT - 30 * MINUTE && at < MIDNIGHT + 40 * MINUTE) ||
    (at >= MIDNIGHT + 12 * HOUR && at < MIDNIGHT + 12.5 * HOUR));

beforeAll(async () => {
  platform = await testPlatform();
  runners = [await runnerAt(platform, 'Home'), await runnerAt(platform, 'Office')];
  ids = await seedChecks(platform, { count: 2, intervalMs: STEP, failures: 1 });
  await foldAll(platform);
  while (platform.now() < MIDNIGHT + 1.5 * DAY) {
    const from = platform.now();
    platform.advance(HOUR);
    for (const runner of runners) {
      const times = Array.from({ length: 6 }, (_, index) => from + index * STEP);
      await postAll(
        runner,
        times.flatMap((at) => ids.map((id) => result(id, at, isBad(id, at) ? BAD : {}))),
      );
    }
    platform.advance(0);
    await foldAll(platform);
  }
  platform.advance(3 * MINUTE);
  await foldAll(platform);
});
afterAll(() => platform.close());

describe('days', () => {
  it('are UTC days, whose bars show time, uptime and how often it went down', async () => {
    const bars = await readBars(platform, 4);
    const own = bars.checks.get(ids[0] ?? 0) ?? [];
    expect(own.map(({ day }) => day)).toEqual([
      '2026-11-20',
      '2026-11-21',
      '2026-11-22',
      '2026-11-23',
    ]);
    expect(own.map(({ status, incidents }) => [status, incidents])).toEqual([
      ['unknown', 0],
      ['down', 1],
      ['down', 1],
      ['up', 0],
    ]);
    expect(own[1]).toMatchObject({ downMs: 30 * MINUTE, unknownMs: 9 * HOUR });
    expect(own[2]).toMatchObject({ downMs: 70 * MINUTE, upMs: DAY - 70 * MINUTE, uptime: 95.138 });
    const [hostBars] = bars.hosts.values();
    expect(hostBars).toEqual(own);
  });

  it('give the same uptime as their bars, their chunks and the API', async () => {
    const [id = 0] = ids;
    const [week] = (await readUptime(platform, id, ['7d'])) ?? [];
    const bars = (await readBars(platform, 7)).checks.get(id) ?? [];
    const sum = (key: 'upMs' | 'downMs') => bars.reduce((total, bar) => total + bar[key], 0);
    expect([week?.upMs, week?.downMs, week?.incidents]).toEqual([sum('upMs'), sum('downMs'), 2]);
    const series = await readSeries(platform, id, {
      fromAt: T - DAY,
      toAt: platform.now(),
      stepMs: STEP,
    });
    const folded = Math.floor(platform.now() / HOUR) * HOUR;
    const points = (series?.merged.points ?? []).filter(({ at }) => at < folded);
    expect(points.reduce((total, point) => total + point.upMs, 0)).toBe(week?.upMs);
    const answer = await app.request(`/api/v1/checks/${id}/uptime?window=7d,2026-11`, {}, platform);
    const { uptime } = (await answer.json()) as { uptime: Array<{ uptime: number }> };
    expect(uptime.map((each) => each.uptime)).toEqual([week?.uptime, week?.uptime]);
    expect(week?.uptime).toBe(
      Math.floor((sum('upMs') / (sum('upMs') + sum('downMs'))) * 1e5) / 1e3,
    );
  });

  it('are drawn from rows of weeks and days as from the hours themselves', async () => {
    const range = { fromAt: MIDNIGHT, toAt: MIDNIGHT + DAY };
    const [id = 0] = ids;
    const fine = await readSeries(platform, id, { ...range, stepMs: STEP });
    const coarse = await readSeries(platform, id, { ...range, stepMs: DAY });
    const hourly = await readSeries(platform, id, { ...range, stepMs: HOUR });
    expect(coarse?.merged.points).toHaveLength(1);
    expect(hourly?.merged.points).toHaveLength(24);
    for (const series of [coarse, hourly]) {
      for (const key of ['upMs', 'downMs', 'unknownMs', 'count'] as const) {
        const total = (of: typeof fine) =>
          (of?.merged.points ?? []).reduce((sum, point) => sum + point[key], 0);
        expect(total(series)).toBe(total(fine));
      }
    }
    expect(coarse?.locations.map(({ name }) => name)).toEqual(['Home', 'Office']);
  });

  it('change when late results do, bar, figures and all', async () => {
    const [id = 0] = ids;
    const lab = await runnerAt(platform, 'Lab');
    const late = Array.from({ length: 6 * 24 }, (_, index) => MIDNIGHT + index * STEP + 1);
    await postAll(
      lab,
      late.map((at) => result(id, at)),
      { stream: 'late' },
    );
    platform.advance(10 * MINUTE);
    await foldAll(platform);
    const own = (await readBars(platform, 4)).checks.get(id) ?? [];
    const [whole] = (await readUptime(platform, id, ['30d'])) ?? [];
    expect(own[2]).toMatchObject({ status: 'down', downMs: 1, incidents: 0 });
    expect(whole?.downMs).toBe(30 * MINUTE + 1);
  });

  it('of a month are as many as it has', async () => {
    const [id = 0] = ids;
    const months = (await readUptime(platform, id, ['2028-02', '2027-02', '2026-03'])) ?? [];
    expect(months.map(({ fromAt }) => new Date(fromAt).toISOString().slice(0, 10))).toEqual([
      '2028-02-01',
      '2027-02-01',
      '2026-03-01',
    ]);
    expect(months.map(({ uptime }) => uptime)).toEqual([null, null, null]);
    expect(months[2]?.unknownMs).toBe(31 * DAY);
  });
});
