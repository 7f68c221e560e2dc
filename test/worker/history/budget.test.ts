// What a day costs and what a chart costs, in rows as sqld counts them: 1,000 checks from three locations.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeLine, NO_FIGURES } from '#core/history/figures.ts';
import { nextSlotAt } from '#core/schedule.ts';
import type { Result } from '#core/wire/results.ts';
import { FIRST_WEEKS, weekKey } from '#db/history.ts';
import { write } from '#db/write.ts';
import { type FakeRunner, result } from '#test/support/fakeRunner.ts';
import { BAD, HOUR, MINUTE, runnerAt } from '#test/support/history.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { type Counted, countingDb } from '#test/support/rows.ts';
import { seedChecks } from '#test/support/seed.ts';
import { type Sqld, startSqld } from '#test/support/sqld.ts';
import { keepHistory } from '#worker/history/history.ts';
import { readBars } from '#worker/history/readBars.ts';
import { readSeries } from '#worker/history/readSeries.ts';
import { readUptime } from '#worker/history/readUptime.ts';
import { packEntries } from '#worker/history/rollDay.ts';
import { resultsStatements } from '#worker/ingest/store.ts';
import { tick } from '#worker/tick/tick.ts';

const CHECKS = 1000;
const DAY = 24 * HOUR;
let sqld: Sqld;
let counted: Counted;
let platform: TestPlatform;
let runners: FakeRunner[];
let ids: number[];

beforeAll(async () => {
  sqld = await startSqld();
  counted = await countingDb(sqld.url);
  platform = await testPlatform({ db: counted.db, runtime: 'edge' });
  runners = await Promise.all(['Home', 'Office', 'Lab'].map((name) => runnerAt(platform, name)));
  ids = await seedChecks(platform, { count: CHECKS });
});
afterAll(() => sqld.stop());

/** Rows written by what is done. */
async function written(work: () => Promise<unknown>): Promise<number> {
  counted.reset();
  await work();
  await platform.settle();
  return counted.rows.written;
}

async function read(work: () => Promise<unknown>): Promise<number> {
  counted.reset();
  await work();
  return counted.rows.read;
}

async function post(runner: FakeRunner, results: Result[]): Promise<void> {
  for (let at = 0; at < results.length; at += 500) {
    const answer = await runner.post(results.slice(at, at + 500));
    if (!answer.ok) throw new Error(`post: ${answer.status}`);
  }
}

/** What falls due within a time, on the grid. */
function due(fromAt: number, toAt: number): Result[] {
  return ids.flatMap((id, position) => {
    const at = nextSlotAt({ shard: 0, position }, MINUTE, fromAt - 1);
    return at < toAt ? [result(id, at + 2, { rttUs: 20_000 + ((id * 37 + at) % 3000) })] : [];
  });
}

/** One result of every check in the rows of arrivals, without all that a post does beside. */
async function arrive(runnerId: number, now: number): Promise<void> {
  const post = { shard: 0, runnerId, stream: 'live' as const, seq: 0, hash: '', boot: '' };
  const kept = ids.map((_, position) => ({
    ...{
      position,
      intervalMs: MINUTE,
      at: nextSlotAt({ shard: 0, position }, MINUTE, now - MINUTE),
    },
    ...{ level: 100, rttUs: 20_000 + position, code: 'ok', blind: false, old: false, asked: false },
  }));
  const touched = `update setting set value = value where key = 'fleet'`;
  await write(platform.db, [touched, ...resultsStatements(post, kept, now)]);
}

/** Posts every 15 s for some minutes, with the tick; gives rows by sort. */
async function minutes(count: number): Promise<{ posts: number; ticks: number }> {
  const rows = { posts: 0, ticks: 0 };
  for (let minute = 0; minute < count; minute++) {
    for (let flush = 0; flush < 4; flush++) {
      const from = platform.now();
      platform.advance(15_000);
      rows.posts += await written(async () => {
        for (const runner of runners) await post(runner, due(from, from + 15_000));
      });
    }
    rows.ticks += await written(() => tick(platform));
  }
  return rows;
}

describe('a day of 1,000 checks from three locations', () => {
  it('writes at most 75,000 rows: posts every 15 s, folding, days, ticks, 200 flips', async () => {
    await minutes(12);
    const sample = await minutes(12);
    const posts = (sample.posts / 12) * 1440;

    // A down and an up of one check, seen by all three.
    const flips = await written(async () => {
      for (const bad of [true, true, false]) {
        platform.advance(1000);
        for (const runner of runners)
          await post(runner, [result(ids[0] ?? 0, platform.now(), bad ? BAD : {})]);
      }
    });

    // The hours and days of a whole day, as the tick folds them: one slice a minute. A reading of each check an hour
    // makes the same rows as sixty.
    const ticks = (sample.ticks / 12) * 1440;
    let folding = 0;
    platform.advance(HOUR - (platform.now() % HOUR) + 12 * MINUTE);
    while ((await keepHistory(platform, 100)).slices > 0);
    for (let hour = 0; hour < 24; hour++) {
      platform.advance(18 * MINUTE);
      for (const runner of runners) await arrive(Number(runner.id), platform.now());
      platform.advance(31 * MINUTE);
      for (let minute = 2; minute <= 12; minute++) {
        platform.advance(MINUTE);
        folding += await written(() => keepHistory(platform, 1));
      }
      const { rows } = await platform.db.$client.execute('select body from folded');
      const done = (JSON.parse(String(rows[0]?.body)) as { hour: number }).hour;
      // Begun two minutes after the hour, done ten ticks later.
      expect(done).toBe(Math.floor(platform.now() / HOUR));
    }
    for (let slices = 1; slices > 0; ) {
      folding += await written(async () => {
        slices = (await keepHistory(platform, 1)).slices;
      });
    }
    const day = posts + ticks + folding + flips * 100;
    expect(posts).toBe(34_560);
    expect(folding).toBeGreaterThan(24_000);
    expect(day).toBeLessThanOrEqual(75_000);
  }, 180_000);

  it('is drawn from at most 250 rows, with the open hour; uptime and bars from fewer', async () => {
    await minutes(3);
    const [id = 0] = ids;
    const now = platform.now();
    const chart = await read(async () => {
      const series = await readSeries(platform, id, {
        fromAt: now - DAY,
        toAt: now,
        stepMs: 'auto',
      });
      expect(series?.locations).toHaveLength(3);
      expect(series?.merged.points.at(-1)?.count).toBeGreaterThan(0);
    });
    expect(chart).toBeLessThanOrEqual(250);
    const uptime = await read(() =>
      readUptime(platform, id, ['7d', '30d', '90d', '365d', '2026-11']),
    );
    expect(uptime).toBeLessThanOrEqual(60);
    const bars = await read(async () => {
      expect((await readBars(platform)).checks.size).toBe(CHECKS);
    });
    expect(bars).toBeLessThanOrEqual(10);
  });

  it('of ninety is drawn from at most 40 rows', async () => {
    const [id = 0] = ids;
    const now = platform.now();
    const thisWeek = Math.floor(now / (7 * DAY));
    const up = { ...NO_FIGURES, upMs: HOUR, count: 60 };
    const line = encodeLine({
      merged: up,
      locations: [1, 2, 3].map((locationId) => ({ locationId, ...up })),
    });
    const body = packEntries(Array.from({ length: 168 }, (_, hour) => [hour, line]));
    for (let week = thisWeek - 13; week < thisWeek; week++) {
      await platform.db.$client.execute({
        sql: 'insert or replace into hours (k, week, body) values (?, ?, ?)',
        args: [weekKey([FIRST_WEEKS], id, week), week, body],
      });
    }
    await platform.db.$client.execute('update check_ set created_at = 0');
    const rows = await read(async () => {
      const series = await readSeries(platform, id, {
        fromAt: now - 90 * DAY,
        toAt: now,
        stepMs: 'auto',
      });
      expect(series?.stepMs).toBe(6 * HOUR);
      expect(series?.merged.points.filter(({ upMs }) => upMs === 6 * HOUR).length).toBeGreaterThan(
        340,
      );
    });
    expect(rows).toBeLessThanOrEqual(40);
  });
});
