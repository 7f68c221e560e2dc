// The status page at 10, 100 and 1,000 hosts: CPU to read and merge, to make the HTML of it, and what it weighs.
import { gzipSync } from 'node:zlib';
import { DAY_MS, dayOf } from '#db/history.ts';
import { planStatements } from '#db/plan.ts';
import { write } from '#db/write.ts';
import { FakeRunner, makeJoinCode, result } from '#test/support/fakeRunner.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { StatusPage } from '#web/pages/status.tsx';
import { app } from '#worker/app.ts';
import { packStretches } from '#worker/history/bars.ts';
import { readDays, refreshDays, withDays } from '#worker/snapshot/days.ts';
import { packNow } from '#worker/snapshot/page.ts';
import { readStatus } from '#worker/status.ts';
import { LOCATIONS } from './load.ts';

export interface PageCost {
  hosts: number;
  /** The snapshot: read, merged, packed. */
  snapshotMs: number;
  htmlMs: number;
  /** The row of days of all hosts, made every ten minutes. */
  daysMs: number;
  /** After gzip. */
  bytes: number;
}

const SITE = { title: 'Status', signedIn: false, url: 'http://127.0.0.1', refreshS: 120 };

export async function measurePages(): Promise<PageCost[]> {
  const costs: PageCost[] = [];
  for (const hosts of [10, 100, 1000]) costs.push(await measurePage(hosts));
  return costs;
}

export async function measurePage(hosts: number): Promise<PageCost> {
  const platform = await testPlatform();
  await furnish(platform, hosts);
  const snapshotMs = await cpuOf(async () => {
    packNow({
      title: 'Status',
      model: await readStatus(platform, { reveal: false }),
    });
  });
  const daysMs = await cpuOf(async () => {
    platform.advance(660_000);
    await refreshDays(platform);
  });
  const days = await readDays(platform);
  const model = withDays(await readStatus(platform, { reveal: false }), days);
  const html = () => (<StatusPage site={SITE} model={model} />).toString();
  const htmlMs = await cpuOf(async () => void (await html()));
  const bytes = gzipSync(String(await html())).length;
  platform.close();
  return { hosts, snapshotMs, htmlMs, daysMs, bytes };
}

/** One check a host, in groups of 25, posted from all locations; one in a hundred is down; 90 days of bars. */
export async function furnish(platform: TestPlatform, hosts: number): Promise<void> {
  const ask = (path: string, init?: RequestInit) =>
    Promise.resolve(app.request(path, init, platform));
  const runners: FakeRunner[] = [];
  for (let location = 1; location <= LOCATIONS; location++) {
    const code = await makeJoinCode(platform, { location: `Place ${location}` });
    runners.push(await FakeRunner.enrol(ask, { code, now: platform.now }));
  }
  const ids = await seedChecks(platform, { count: hosts, group: 'Group 0' });
  const rows = ids.map((id, index) => [
    id,
    `host-${index}.example`,
    `Group ${Math.floor(index / 25)}`,
  ]);
  await write(platform.db, [
    {
      sql: `insert into host (id, name, group_name, created_at)
            select 10000 + (value ->> 0), value ->> 1, value ->> 2, 0 from json_each(?)`,
      args: [JSON.stringify(rows)],
    },
    'update check_ set host_id = 10000 + id, created_at = 0',
    'delete from host where id < 10000',
    `insert into setting (key, value) values ('config_version', '9')
     on conflict (key) do update set value = value + 1`,
    "update runner set config_version = (select value from setting where key = 'config_version')",
    ...planStatements(0),
    ...barRows(platform, ids),
  ]);
  // Long enough that what is up has been so for long.
  for (let round = 0; round < 9; round++) {
    platform.advance(90_000);
    const at = platform.now();
    for (const runner of runners) {
      for (let from = 0; from < ids.length; from += 500) {
        await runner.post(
          ids
            .slice(from, from + 500)
            .map((id, index) =>
              result(
                id,
                at - index,
                (from + index) % 100 === 7
                  ? { level: 500, rttUs: null, code: 'timeout', text: 'no answer' }
                  : { rttUs: 20_000 + index },
              ),
            ),
        );
      }
    }
  }
  await refreshDays(platform);
}

function barRows(platform: TestPlatform, ids: readonly number[]) {
  const today = dayOf(platform.now());
  const whole = {
    upMs: DAY_MS,
    degradedMs: 0,
    downMs: 0,
    unknownMs: 0,
    maintenanceMs: 0,
    incidents: 0,
  };
  const worse = { ...whole, upMs: DAY_MS - 1_800_000, downMs: 1_800_000, incidents: 1 };
  return [0, 1, 2, 3].flatMap((block) => {
    const own = ids.slice(block * 250, block * 250 + 250);
    if (own.length === 0) return [];
    const days = new Map(
      own.map((id) => [
        id,
        new Map(
          Array.from({ length: 90 }, (_, n) => [
            today - 90 + n,
            (id * 7 + n) % 97 === 0 ? worse : whole,
          ]),
        ),
      ]),
    );
    return [
      {
        sql: 'insert into bar (k, days, hours) values (?, ?, ?)',
        args: [block, packStretches(days, DAY_MS), '{}'],
      },
    ];
  });
}

/** User time of one call: the median of many, once the code is warm. */
async function cpuOf(act: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 60; round++) {
    const before = process.cpuUsage();
    await act();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return times.slice(20).sort((a, b) => a - b)[20] ?? 0;
}
