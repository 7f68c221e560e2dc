// The row of ninety days of all hosts, made a part at a time: what is published is always whole.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS, dayOf, HOUR_MS } from '#db/history.ts';
import { planStatements } from '#db/plan.ts';
import { write } from '#db/write.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { dayRowOf } from '#web/chart/days.ts';
import { readBars } from '#worker/history/readBars.ts';
import { readDays, refreshDays } from '#worker/snapshot/days.ts';

let platform: TestPlatform;
beforeEach(async () => {
  platform = await testPlatform({ runtime: 'edge' });
});
afterEach(() => platform.close());

const BAD = [DAY_MS - 60_000, 0, 60_000, 0, 0, 1];

/** Checks of single hosts, and one host with 300 checks spread over all blocks. */
async function furnish(count: number): Promise<number[]> {
  const ids = await seedChecks(platform, { count });
  await write(platform.db, [
    {
      sql: `insert into host (id, name, group_name, created_at)
            select 10000 + value, 'h' || value, '', 0 from json_each(?)`,
      args: [JSON.stringify(ids)],
    },
    'update check_ set host_id = 10000 + id where position % 3 <> 1 or position > 899',
    ...planStatements(0),
  ]);
  await bars(ids, () => 0);
  return ids;
}

async function bars(ids: readonly number[], bad: (id: number, day: number) => unknown) {
  const today = dayOf(platform.now());
  for (let block = 0; block < 4; block++) {
    const own = ids.slice(block * 250, block * 250 + 250);
    const days = own.map((id) => [
      id,
      Object.fromEntries(
        Array.from({ length: 90 }, (_, n) => [
          today - 90 + n,
          (id * 7 + n) % 97 === 0 ? BAD : bad(id, n),
        ]),
      ),
    ]);
    const hours = own.map((id) => [id, { [(today * DAY_MS) / HOUR_MS]: 0 }]);
    await write(platform.db, [
      {
        sql: `insert into bar (k, days, hours) values (?, ?, ?)
              on conflict (k) do update set days = excluded.days, hours = excluded.hours`,
        args: [
          block,
          JSON.stringify(Object.fromEntries(days)),
          JSON.stringify(Object.fromEntries(hours)),
        ],
      },
    ]);
  }
}

async function expected() {
  const { hosts } = await readBars(platform);
  return new Map([...hosts].map(([id, own]) => [id, dayRowOf(own)]));
}

/** Ticks until a pass is over; how many it took. */
async function pass(most = 40): Promise<number> {
  for (let parts = 1; parts <= most; parts++) {
    platform.advance(60_000);
    await refreshDays(platform);
    const { rows } = await platform.db.$client.execute(
      `select mark from page_snapshot where id = 2 and mark <> ''`,
    );
    if (rows.length === 0) return parts;
  }
  throw new Error('it never ends');
}

describe('the days of a thousand hosts', () => {
  it('are made a part at a time at the edge, and published when they are whole', async () => {
    const ids = await furnish(1000);
    expect(await pass()).toBeGreaterThanOrEqual(4);
    const before = await readDays(platform);
    expect(before).toEqual(await expected());
    await bars(ids, (id) => (id % 5 === 0 ? BAD : 0));
    platform.advance(660_000);
    await refreshDays(platform);
    expect(await readDays(platform)).toEqual(before);
    await pass();
    expect(await readDays(platform)).toEqual(await expected());
    expect(await readDays(platform)).not.toEqual(before);
  });

  it('are all made at once on a machine of one’s own', async () => {
    platform.config.runtime = 'node';
    await furnish(1000);
    expect(await pass()).toBe(1);
    expect(await readDays(platform)).toEqual(await expected());
  });

  it('are whole again when hosts went, and nothing of a longer pass is left behind', async () => {
    const ids = await furnish(1000);
    await pass();
    await platform.db.$client.execute(`update check_ set deleted_at = 1 where id > ${ids[99]}`);
    await write(platform.db, planStatements(0));
    platform.advance(660_000);
    expect(await pass()).toBe(1);
    expect(await readDays(platform)).toEqual(await expected());
    const { rows } = await platform.db.$client.execute('select id from page_snapshot');
    expect(rows.map(({ id }) => id)).toEqual([2]);
  });

  it('come out the same when each write is the last of its tick, done or not', async () => {
    await furnish(1000);
    const client = platform.db.$client;
    let [writes, kill] = [0, 0];
    const db = {
      $client: new Proxy(client, {
        get(target, name) {
          if (name !== 'batch') return Reflect.get(target, name).bind(target);
          return async (...[statements, mode]: Parameters<typeof client.batch>) => {
            if (mode !== 'write') return target.batch(statements, mode);
            writes++;
            const killed = writes === kill;
            if (killed && kill % 2 === 0) throw new Error('killed');
            const results = await target.batch(statements, mode);
            if (killed) throw new Error('killed');
            return results;
          };
        },
      }),
    };
    const config = { ...platform.config, runtime: 'node' as const };
    const dying = { ...platform, db, config };
    for (kill = 1; kill <= writes + 1; kill++) {
      writes = 0;
      platform.advance(660_000);
      await refreshDays(dying).catch((error: Error) => expect(error.message).toBe('killed'));
      await pass();
      expect(await readDays(platform)).toEqual(await expected());
    }
  });
});
