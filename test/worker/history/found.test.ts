import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeRunner } from '#test/support/fakeRunner.ts';
import { result } from '#test/support/fakeRunner.ts';
import { BAD, foldAll, HOUR, MINUTE, minutely, postAll, runnerAt } from '#test/support/history.ts';
import { TEST_START, type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { readSeries } from '#worker/history/readSeries.ts';
import { tick } from '#worker/tick/tick.ts';

let platform: TestPlatform;
const T = TEST_START;

beforeEach(async () => {
  platform = await testPlatform();
});
afterEach(async () => {
  await platform.settle();
  platform.close();
});

/** Minutes of a world in which runners post what they measure at once; `silent` ones keep it. */
async function live(
  id: number,
  runners: FakeRunner[],
  minutes: number,
  isBad: (runner: number, minute: number) => boolean,
  silent: (runner: number, minute: number) => boolean = () => false,
): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    for (const [index, runner] of runners.entries()) {
      const at = platform.now() + index * 100 - 1000;
      if (silent(index, minute)) continue;
      const bad = isBad(index, minute);
      await runner.post([
        result(id, at, bad ? BAD : {}),
        ...(bad ? [result(id, at + 500, BAD)] : []),
      ]);
    }
    await tick(platform);
    platform.advance(MINUTE);
  }
}

/** How long it was not up: by history, and by the incidents as they stand now. */
async function bothSums(id: number, fromAt: number, toAt: number) {
  const series = await readSeries(platform, id, { fromAt, toAt, stepMs: MINUTE });
  const bands = series?.merged.bands ?? [];
  const length = (from: number, to: number, wanted: (status: string) => boolean) =>
    bands
      .filter(({ status }) => wanted(status))
      .reduce(
        (sum, band) => sum + Math.max(0, Math.min(band.toAt, to) - Math.max(band.fromAt, from)),
        0,
      );
  const { rows } = await platform.db.$client.execute(
    `select coalesce(began_at, opened_at) as from_at, coalesce(ended_at, closed_at) as to_at, code from incident order by 1`,
  );
  const incidents = rows.map((row) => [Number(row.from_at), Number(row.to_at)] as const);
  return {
    history: length(fromAt, toAt, (status) => status === 'down' || status === 'degraded'),
    incidents: incidents.reduce(
      (sum, [from, to]) => sum + to - from - length(from, to, (s) => s === 'unknown'),
      0,
    ),
    codes: rows.map((row) => String(row.code)),
  };
}

async function deliveries(): Promise<number> {
  const { rows } = await platform.db.$client.execute('select count(*) as n from delivery');
  return Number(rows[0]?.n);
}

describe('history and what was told', { timeout: 60_000 }, () => {
  it('agree to the millisecond: seconds not up are the seconds of the incidents', async () => {
    const runners = [await runnerAt(platform, 'Home'), await runnerAt(platform, 'Office')];
    const [id = 0] = await seedChecks(platform);
    // Both see it down at 20–30 and 55–65; Office alone at 40–45.
    const bad = (runner: number, minute: number) =>
      (minute >= 20 && minute < 30) ||
      (minute >= 55 && minute < 65) ||
      (runner === 1 && minute >= 40 && minute < 45);
    await live(id, runners, 130, bad);
    const sums = await bothSums(id, T, T + 2 * HOUR);
    expect(sums.history).toBeGreaterThan(19 * MINUTE);
    expect(sums.incidents).toBe(sums.history);
    expect(sums.codes).toHaveLength(2);
  });

  it('agree again after late results showed that it was down earlier, and when nobody told', async () => {
    const runners = [await runnerAt(platform, 'Home'), await runnerAt(platform, 'Office')];
    const [id = 0] = await seedChecks(platform);
    await platform.db.$client.batch(
      [
        `insert into channel (id, name, kind, config, secrets, enabled, created_at) values (1, 'ops', 'none', '{}', '', 0, 0)`,
      ],
      'write',
    );
    // Both see it down at 20–25 and 40–60. Office is cut off at 10–50 and Home at 15–30: nobody hears of the first time.
    const bad = (_: number, minute: number) =>
      (minute >= 20 && minute < 25) || (minute >= 40 && minute < 60);
    const cutOff = [
      [15, 30],
      [10, 50],
    ] as const;
    const silent = (runner: number, minute: number) =>
      minute >= (cutOff[runner]?.[0] ?? 0) && minute < (cutOff[runner]?.[1] ?? 0);
    await live(id, runners, 130, bad, silent);
    const told = await deliveries();
    for (const [index, [from, to]] of cutOff.entries()) {
      const kept = Array.from({ length: to - from }, (_, after) => from + after).flatMap(
        (minute) => {
          const at = T + minute * MINUTE + index * 100 - 1000;
          return bad(index, minute)
            ? [result(id, at, BAD), result(id, at + 500, BAD)]
            : [result(id, at)];
        },
      );
      await postAll(runners[index] as FakeRunner, kept, { stream: 'late' });
    }
    platform.advance(10 * MINUTE);
    await foldAll(platform);
    const sums = await bothSums(id, T, T + 2 * HOUR);
    expect(sums.history).toBeGreaterThan(24 * MINUTE);
    expect(sums.incidents).toBe(sums.history);
    expect(sums.codes).toContain('found_later');
    expect(await deliveries()).toBe(told);
    const again = await foldAll(platform);
    expect(again).toBe(0);
  });

  it('agree when late results refute what was told', async () => {
    const runners = [await runnerAt(platform, 'Home'), await runnerAt(platform, 'Office')];
    const [id = 0] = await seedChecks(platform);
    // Office could reach it all along but not us: Home's "down" from 10 on is called once Office is silent for good.
    const bad = (runner: number, minute: number) => runner === 0 && minute >= 20 && minute < 40;
    await live(
      id,
      runners,
      130,
      bad,
      (runner, minute) => runner === 1 && minute >= 5 && minute < 70,
    );
    const kept = minutely(id, T + 5 * MINUTE, T + 70 * MINUTE);
    await postAll(runners[1] as FakeRunner, kept, { stream: 'late' });
    platform.advance(10 * MINUTE);
    await foldAll(platform);
    const sums = await bothSums(id, T, T + 2 * HOUR);
    expect(sums).toMatchObject({ history: 0, incidents: 0 });
  });

  it('agree when late results refute an incident that lasted over the end of an hour', async () => {
    const runners = [await runnerAt(platform, 'Home'), await runnerAt(platform, 'Office')];
    const [id = 0] = await seedChecks(platform);
    const bad = (runner: number, minute: number) => runner === 0 && minute >= 50 && minute < 65;
    const silent = (runner: number, minute: number) => runner === 1 && minute >= 5 && minute < 70;
    await live(id, runners, 130, bad, silent);
    expect((await bothSums(id, T, T + 2 * HOUR)).codes).toHaveLength(1);
    const kept = minutely(id, T + 5 * MINUTE, T + 70 * MINUTE);
    await postAll(runners[1] as FakeRunner, kept, { stream: 'late' });
    platform.advance(10 * MINUTE);
    await foldAll(platform);
    const sums = await bothSums(id, T, T + 2 * HOUR);
    expect(sums).toMatchObject({ history: 0, incidents: 0 });
  });
});
