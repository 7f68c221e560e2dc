// Rows written per 1,000 results beside the design every peer has, and what a chart reads, on the same sqld.
import { encodeLine, NO_FIGURES } from '#core/history/figures.ts';
import { DAY_MS, FIRST_WEEKS, HOUR_MS, weekKey } from '#db/history.ts';
import { write } from '#db/write.ts';
import { FakeRunner, makeJoinCode } from '#test/support/fakeRunner.ts';
import { TEST_START, testPlatform } from '#test/support/platform.ts';
import { countingDb } from '#test/support/rows.ts';
import { seedChecks } from '#test/support/seed.ts';
import { startSqld } from '#test/support/sqld.ts';
import { app } from '#worker/app.ts';
import { keepHistory } from '#worker/history/history.ts';
import { readSeries } from '#worker/history/readSeries.ts';
import { packEntries } from '#worker/history/rollDay.ts';
import { resultsStatements } from '#worker/ingest/store.ts';
import { CHECKS, FLUSH_MS, LOCATIONS, Load } from './load.ts';

export interface RowCosts {
  /** Rows written per 1,000 results: two a post, and the chunks. */
  ours: number;
  /** A row and one index entry a result, and its deletion some day. */
  rowPerResult: number;
  charts: Array<{ days: number; ms: number; rows: number; points: number }>;
}

export async function measureRows(): Promise<RowCosts> {
  const sqld = await startSqld();
  const counted = await countingDb(sqld.url);
  const platform = await testPlatform({ db: counted.db });
  const ask = (path: string, init?: RequestInit) =>
    Promise.resolve(app.request(path, init, platform));
  const runners: number[] = [];
  for (let location = 1; location <= LOCATIONS; location++) {
    const code = await makeJoinCode(platform, { location: `Place ${location}` });
    runners.push(Number((await FakeRunner.enrol(ask, { code, now: platform.now })).id));
  }
  const [id = 0] = await seedChecks(platform, { count: CHECKS });
  await counted.db.$client.execute('update check_ set created_at = 0');
  await keepHistory(platform, 1000);
  const load = new Load();
  const hour = await countHour();
  const ours = (hour.rows * 1000) / hour.results;
  const rowPerResult = await countPlain();
  for (let more = 0; more < 24; more++) await countHour(20 * 60_000);
  await seedWeeks();
  const charts = [];
  for (const days of [1, 30, 90]) charts.push(await chart(days));
  platform.close();
  await sqld.stop();
  return { ours, rowPerResult, charts };

  /** An hour of results, all or now and then, and its folding. A post writes a view row beside what it appends. */
  async function countHour(everyMs = FLUSH_MS): Promise<{ rows: number; results: number }> {
    counted.reset();
    let [results, posts] = [0, 0];
    const start = platform.now();
    for (let at = start; at < start + HOUR_MS; at += everyMs) {
      for (const [index, runnerId] of runners.entries()) {
        const flush = load.flush(index + 1, at);
        const post = { shard: 0, runnerId, stream: 'live' as const, seq: 0, hash: '', boot: '' };
        await write(counted.db, [TOUCH, ...resultsStatements(post, flush, at + FLUSH_MS)]);
        results += flush.length;
        posts++;
      }
    }
    platform.advance(HOUR_MS);
    if (start === TEST_START) platform.advance(180_000);
    while ((await keepHistory(platform, 100)).slices > 0);
    return { rows: counted.rows.written, results: Math.max(results, posts) };
  }

  async function countPlain(): Promise<number> {
    const { $client } = counted.db;
    await $client.execute(
      'create table plain (id integer primary key, check_id integer, location_id integer, at integer, level integer, rtt_us integer)',
    );
    await $client.execute('create index plain_at on plain (check_id, at)');
    counted.reset();
    for (let index = 0; index < 1000; index++) {
      await $client.execute({
        sql: 'insert into plain (check_id, location_id, at, level, rtt_us) values (?, 1, ?, 100, 1500)',
        args: [index % 250, index],
      });
    }
    await $client.execute('delete from plain');
    return counted.rows.written;
  }

  async function seedWeeks(): Promise<void> {
    const up = { ...NO_FIGURES, upMs: HOUR_MS, count: 60 };
    const line = encodeLine({
      merged: up,
      locations: [1, 2, 3].map((locationId) => ({ locationId, ...up })),
    });
    const body = packEntries(Array.from({ length: 168 }, (_, hour) => [hour, line]));
    const week = Math.floor(platform.now() / (7 * DAY_MS));
    for (let back = 1; back < 14; back++) {
      await counted.db.$client.execute({
        sql: 'insert or replace into hours (k, week, body) values (?, ?, ?)',
        args: [weekKey([FIRST_WEEKS], id, week - back), week - back, body],
      });
    }
  }

  async function chart(days: number) {
    const range = { fromAt: platform.now() - days * DAY_MS, toAt: platform.now() };
    await readSeries(platform, id, { ...range, stepMs: 'auto' });
    counted.reset();
    const before = performance.now();
    const series = await readSeries(platform, id, { ...range, stepMs: 'auto' });
    const ms = performance.now() - before;
    return { days, ms, rows: counted.rows.read, points: series?.merged.points.length ?? 0 };
  }
}

/** Stands for the view row that every post writes too. */
const TOUCH = `update setting set value = value where key = 'fleet'`;
