// What a tick does beside judging where a run has 10 ms of CPU: one thing of weight, and yet all of it in time.
import type { InStatement } from '@libsql/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeRunner, makeJoinCode, result } from '#test/support/fakeRunner.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';
import type { Platform } from '#worker/platform.ts';
import { readDays } from '#worker/snapshot/days.ts';
import { tick } from '#worker/tick/tick.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const CHECKS = 400;

let platform: TestPlatform;
let home: FakeRunner;
let ids: number[];
/** What the statements of a tick were for. */
let done: Set<string>;
const ask = (path: string, init?: RequestInit) =>
  Promise.resolve(app.request(path, init, platform));

const KINDS: Array<[kind: string, sql: RegExp]> = [
  ['page', /update page_snapshot set mark = \?, body = \? where id = 1/],
  ['history', /update folded set version/],
  ['days', /update page_snapshot set mark.* where id = 2/s],
];

beforeEach(async () => {
  platform = await testPlatform({ runtime: 'edge' });
  const code = await makeJoinCode(platform, { location: 'Home' });
  home = await FakeRunner.enrol(ask, { code, now: platform.now });
  ids = await seedChecks(platform, { count: CHECKS, failures: 1 });
  done = new Set();
});
afterEach(async () => {
  await platform.settle();
  platform.close();
});

/** The same platform, whose writes are noted. */
function watched(): Platform {
  const { $client } = platform.db;
  const noted = new Proxy($client, {
    get(target, name) {
      if (name !== 'batch') return Reflect.get(target, name).bind(target);
      return (statements: InStatement[], mode: 'read' | 'write') => {
        for (const each of statements) {
          const sql = typeof each === 'string' ? each : each.sql;
          for (const [kind, pattern] of KINDS) if (pattern.test(sql)) done.add(kind);
        }
        return target.batch(statements, mode);
      };
    },
  });
  return { ...platform, db: { $client: noted } };
}

/** Minutes at the edge; in each some checks are posted, one of which may turn. Gives what each tick did. */
async function minutes(count: number, turning: boolean): Promise<string[][]> {
  const ticks: string[][] = [];
  const edge = watched();
  for (let minute = 0; minute < count; minute++) {
    platform.advance(MINUTE);
    const bad = turning && minute % 2 === 0;
    const results = ids
      .filter((_, index) => index % 20 === minute % 20)
      .map((id) => result(id, platform.now() - 1000));
    if (turning) {
      const said = bad ? { level: 500, rttUs: null, code: 'timeout', text: 'none' } : {};
      results.push(result(ids[0] ?? 0, platform.now() - 500, said));
    }
    await home.post(results);
    await platform.settle();
    done.clear();
    await tick(edge);
    ticks.push([...done]);
    const { rows } = await platform.db.$client.execute('select at from page_snapshot where id = 1');
    expect(platform.now() - Number(rows[0]?.at)).toBeLessThan(2 * MINUTE);
  }
  return ticks;
}

async function foldedHour(): Promise<number> {
  const { rows } = await platform.db.$client.execute('select body from folded');
  return (JSON.parse(String(rows[0]?.body)) as { hour: number }).hour;
}

describe.each([
  ['nothing happens', false],
  ['a check turns every minute', true],
])('ticks at the edge while %s', (_, turning) => {
  it('each do one thing of weight; the page stays young, hours are folded and days made', async () => {
    const ticks = await minutes(80, turning);
    for (const did of ticks) expect(did.length).toBeLessThanOrEqual(1);
    const all = ticks.flat();
    for (const kind of ['history', 'days']) expect(all).toContain(kind);
    expect(await foldedHour()).toBe(Math.floor(platform.now() / HOUR));
    expect((await readDays(platform)).size).toBe(1);
  }, 120_000);
});

it('a history that is more than an hour behind goes on in every tick', async () => {
  await minutes(30, false);
  platform.advance(6 * HOUR);
  const ticks = await minutes(14, false);
  const folding = ticks.filter((did) => did.includes('history'));
  expect(folding.length).toBeGreaterThanOrEqual(10);
}, 120_000);
