import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bumpConfig, fleetStatement, planStatements } from '#db/plan.ts';
import { write } from '#db/write.ts';
import type { FakeRunner } from '#test/support/fakeRunner.ts';
import { result } from '#test/support/fakeRunner.ts';
import { BAD, foldAll, HOUR, MINUTE, minutely, postAll, runnerAt } from '#test/support/history.ts';
import { TEST_START, type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';
import { keepHistory } from '#worker/history/history.ts';

let platform: TestPlatform;
let home: FakeRunner;
let id: number;
const T = TEST_START;

interface SeriesAnswer {
  merged: {
    points: Array<{ at: string; count: number; downMs: number; upMs: number; unknownMs: number }>;
    bands: Array<{ fromAt: string; toAt: string; status: string }>;
  };
  locations: Array<{ name: string; points: Array<{ count: number }> }>;
  corrupt?: string[];
  metrics?: Array<{ name: string; unit?: string; points: Array<{ at: string; value: number }> }>;
}

const get = (path: string) => Promise.resolve(app.request(`/api/v1/checks/${path}`, {}, platform));

async function series(query = ''): Promise<SeriesAnswer> {
  const answer = await get(
    `${id}/series?from=2026-11-21T09:00:00Z&to=2026-11-21T12:00:00Z&step=1m${query}`,
  );
  expect(answer.status).toBe(200);
  return (await answer.json()) as SeriesAnswer;
}

const bands = ({ merged }: SeriesAnswer) =>
  merged.bands.map(
    ({ fromAt, toAt, status }) =>
      `${status} ${(Date.parse(fromAt) - T) / MINUTE}-${(Date.parse(toAt) - T) / MINUTE}`,
  );

/** Three hours pass, all good but for what the caller changes. */
async function hours(count: number, runners: FakeRunner[] = [home]): Promise<void> {
  for (let hour = 0; hour < count; hour++) {
    const from = platform.now();
    platform.advance(HOUR);
    for (const runner of runners) await postAll(runner, minutely(id, from, from + HOUR));
    await foldAll(platform);
  }
}

async function settle(): Promise<void> {
  platform.advance(10 * MINUTE);
  await foldAll(platform);
}

async function change(sql: string): Promise<void> {
  await write(platform.db, [
    ...bumpConfig(),
    { sql: `${sql}, changed_version = changed_version + 1 where id = ?`, args: [id] },
    ...planStatements(0),
    fleetStatement,
  ]);
}

beforeEach(async () => {
  platform = await testPlatform();
  home = await runnerAt(platform, 'Home');
  [id = 0] = await seedChecks(platform);
  await foldAll(platform);
});
afterEach(() => platform.close());

describe('an hour whose bytes are corrupt', () => {
  it('is a gap in the chart, said once, and never an error', async () => {
    await hours(3);
    await settle();
    await platform.db.$client.execute({
      sql: `update chunk set body = cast(substr(body, 1, 20) || x'00' || substr(body, 22) as blob) where hour = ?`,
      args: [T / HOUR + 1],
    });
    const told = await series();
    expect(bands(told)).toEqual(['up 0-60', 'unknown 60-120', 'up 120-180']);
    expect(told.corrupt).toEqual(['2026-11-21T10:00:00.000Z']);
    await series();
    expect((await get(`${id}/uptime`)).status).toBe(200);
    expect((await get(`${id}/results.csv`)).status).toBe(200);
    const { rows } = await platform.db.$client.execute(
      `select text from event where kind = 'history.corrupt'`,
    );
    expect(rows.map(({ text }) => text)).toEqual([`hour 2026-11-21T10:00:00.000Z of check ${id}`]);
    expect(
      platform.logs.filter(({ message }) => message.startsWith('history:')).length,
    ).toBeGreaterThan(0);
  });

  it('is made whole again from what is still there, wherever in its slice the check lies', async () => {
    const [far = 0] = await seedChecks(platform, { position: 120 });
    const both = [id, far];
    platform.advance(HOUR);
    for (const each of both) await postAll(home, minutely(each, T, T + HOUR));
    await settle();
    await platform.db.$client.execute(`update chunk set body = x'00'`);
    const late = both.map((each) => result(each, T + 30_000));
    await postAll(home, late, { stream: 'late' });
    await settle();
    for (const each of both) {
      const csv = await (await get(`${each}/results.csv`)).text();
      expect(csv.trim().split('\r\n')).toHaveLength(1 + 61);
    }
  });

  it('does not keep the others from being folded', async () => {
    platform.advance(HOUR);
    await postAll(home, minutely(id, T, T + HOUR));
    await platform.db.$client.execute(
      `update recent set b0 = cast(b0 || x'020003ffffaabbcc' as blob)`,
    );
    await settle();
    expect((await series()).merged.points.slice(0, 60).every(({ count }) => count === 1)).toBe(
      true,
    );
  });
});

describe('what changes within an hour', () => {
  it('a runner that is revoked leaves what it measured', async () => {
    const office = await runnerAt(platform, 'Office');
    await hours(1, [home, office]);
    await write(platform.db, [
      `update runner set status = 'revoked' where name = 'Office'`,
      fleetStatement,
      ...bumpConfig(),
    ]);
    await hours(1);
    await settle();
    const told = await series();
    expect(told.locations.map(({ name }) => name)).toEqual(['Home', 'Office']);
    expect(told.locations[1]?.points.slice(0, 60).every(({ count }) => count === 1)).toBe(true);
    expect(told.merged.points.slice(0, 120).every(({ upMs }) => upMs === MINUTE)).toBe(true);
  });

  it('an interval that is changed leaves the readings where they were', async () => {
    platform.advance(30 * MINUTE);
    await postAll(home, minutely(id, T, T + 30 * MINUTE));
    await change('update check_ set interval_ms = 10000');
    platform.advance(30 * MINUTE);
    const fast = Array.from({ length: 180 }, (_, index) =>
      result(id, T + 30 * MINUTE + index * 10_000),
    );
    await postAll(home, fast);
    await settle();
    const told = await series();
    expect(told.merged.points.slice(0, 60).map(({ count }) => count)).toEqual([
      ...Array.from({ length: 30 }, () => 1),
      ...Array.from({ length: 30 }, () => 6),
    ]);
    expect(told.merged.points[59]).toMatchObject({ upMs: MINUTE });
  });

  it('a location that no longer probes it is not waited for', async () => {
    const office = await runnerAt(platform, 'Office');
    await hours(1, [home, office]);
    await change(`update check_ set policy = '{"type":"all"}', locations = '[1]'`);
    await hours(2);
    await settle();
    expect(bands(await series())).toEqual(['up 0-180']);
  });

  it('a check at the place of one that was removed has a history of its own', async () => {
    platform.advance(30 * MINUTE);
    await postAll(
      home,
      minutely(id, T, T + 30 * MINUTE, () => true),
    );
    await write(platform.db, [
      ...bumpConfig(),
      { sql: 'update check_ set deleted_at = ? where id = ?', args: [platform.now(), id] },
      ...planStatements(0),
    ]);
    expect((await get(`${id}/series`)).status).toBe(404);
    [id = 0] = await seedChecks(platform);
    platform.advance(30 * MINUTE);
    await postAll(home, minutely(id, T + 30 * MINUTE, T + HOUR));
    await settle();
    const told = await series();
    expect(told.merged.points.filter(({ downMs }) => downMs > 0)).toEqual([]);
    expect(told.merged.points.reduce((sum, { count }) => sum + count, 0)).toBe(30);
  });

  it('a clock that stepped gives readings out of order, once each', async () => {
    platform.advance(HOUR);
    const ordered = minutely(id, T, T + HOUR);
    await postAll(home, ordered.slice(30));
    await postAll(home, ordered.slice(0, 40));
    await settle();
    const told = await series();
    expect(told.merged.points.slice(0, 60).map(({ count }) => count)).toEqual(Array(60).fill(1));
  });
});

describe('results from before detail is kept', () => {
  it('are taken off the runner, counted as dropped, and are a gap', async () => {
    const old = T - 31 * 24 * HOUR;
    const answer = await home.post([result(id, old), result(id, old + 1000), result(id, T)], {
      stream: 'late',
    });
    expect(await answer.json()).toMatchObject({ dropped: 2, seq: 1 });
  });
});

describe('a history that falls behind', () => {
  it('is told after three hours and when it has caught up; the charts show the time all the same', async () => {
    await hours(1);
    for (let hour = 1; hour < 6; hour++) {
      const from = platform.now();
      platform.advance(HOUR);
      await postAll(home, minutely(id, from, from + HOUR));
    }
    const { lagMs } = await keepHistory(platform, 0);
    expect(lagMs).toBeGreaterThan(3 * HOUR);
    const told = await series();
    expect(bands(told)).toEqual(['up 0-180']);
    await foldAll(platform);
    await foldAll(platform);
    const { rows } = await platform.db.$client.execute(
      `select kind from event where kind like 'history.%' order by id`,
    );
    expect(rows.map(({ kind }) => kind)).toEqual(['history.behind', 'history.caught_up']);
    expect(bands(await series())).toEqual(['up 0-180']);
  });
});

describe('the API', () => {
  it('says which field is wrong and what would be right', async () => {
    const detail = async (query: string) => {
      const answer = await get(`${id}/series?${query}`);
      expect(answer.status).toBe(400);
      const { errors } = (await answer.json()) as {
        errors: Array<{ path: string; message: string }>;
      };
      return errors.map(({ path, message }) => `${path} ${message}`).join();
    };
    expect(await detail('from=yesterday')).toBe(
      'from must be an instant like 2026-11-21T09:00:00Z',
    );
    expect(await detail('step=7m')).toContain('step must be auto, raw or one of 1m, 2m, 5m');
    expect(await detail('from=2026-11-21T09:00:00Z&to=2026-11-20T09:00:00Z')).toBe(
      'from must be before `to`',
    );
    expect(await detail('from=2026-01-01T00:00:00Z&step=1m')).toContain('at most 10000 points');
    expect((await get('77/series')).status).toBe(404);
    expect((await get(`${id}/uptime?window=5w`)).status).toBe(400);
  });

  it('gives every result as CSV and NDJSON, in order, the open hour too', async () => {
    platform.advance(HOUR);
    await postAll(
      home,
      minutely(id, T, T + HOUR, (at) => at === T + MINUTE),
    );
    await settle();
    await home.post([result(id, T + HOUR + MINUTE, BAD)]);
    const csv = await (await get(`${id}/results.csv`)).text();
    const lines = csv.trim().split('\r\n');
    expect(lines[0]).toBe('at,location,level,status,rttUs,code,blind');
    expect(lines).toHaveLength(62);
    expect(lines[2]).toBe('2026-11-21T09:01:00.000Z,Home,500,down,,timeout,0');
    const ndjson = (await (await get(`${id}/results.ndjson`)).text()).trim().split('\n');
    expect(ndjson.map((line) => JSON.parse(line).at)).toEqual(
      lines.slice(1).map((line) => line.split(',')[0]),
    );
    const raw = await get(`${id}/series?from=2026-11-21T09:00:00Z&step=raw`);
    expect(((await raw.json()) as SeriesAnswer).merged.points).toHaveLength(61);
  });

  it('gives the metrics that scripts report, by step', async () => {
    platform.advance(HOUR);
    const metrics = (value: number) => [{ name: 'load', value, unit: '1' }];
    const measured = minutely(id, T, T + HOUR).map((each, index) => ({
      ...each,
      metrics: metrics(index),
    }));
    await postAll(home, measured);
    await settle();
    // What comes late joins what is there.
    const late = { ...result(id, T + 30_000), metrics: metrics(99) };
    platform.advance(10 * MINUTE);
    await postAll(home, [late], { stream: 'late' });
    await settle();
    const [load] = (await series()).metrics ?? [];
    expect(load).toMatchObject({ name: 'load', unit: '1' });
    const means = measured.map((_, index) => (index === 0 ? 49.5 : index));
    expect(load?.points.map(({ value }) => value)).toEqual(means);
  });
});
