// The page's row of days is made by a shorter way than the bars of a host's own page: both say the same.
import { expect, it } from 'vitest';
import { DAY_MS, dayOf, HOUR_MS } from '#db/history.ts';
import { testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { dayRowOf } from '#web/chart/days.ts';
import { readBars } from '#worker/history/readBars.ts';
import { readDays, refreshDays } from '#worker/snapshot/days.ts';

it('the days of hosts on the page are those of their own pages, whatever they went through', async () => {
  const platform = await testPlatform();
  const today = dayOf(platform.now());
  const bad = [DAY_MS - 60_000, 0, 60_000, 0, 0, 1];
  const days: Record<number, Record<number, unknown>> = {};
  const hours: Record<number, Record<number, unknown>> = {};
  const shapes: Array<(day: number) => unknown> = [
    () => 0,
    () => 0,
    (day) => (day < today - 40 ? undefined : 0),
    (day) => (day === today - 3 ? bad : 0),
    (day) => (day % 2 === 0 ? 0 : undefined),
    () => 1,
  ];
  for (const [index, shape] of [...shapes, ...shapes].entries()) {
    const twice = index >= shapes.length;
    const ids = await seedChecks(platform, {
      host: `h${index}`,
      position: index * 2,
      count: twice ? 2 : 1,
    });
    for (const [nth, id] of ids.entries()) {
      const own = Array.from({ length: 90 }, (_, n) => [
        today - 90 + n,
        nth ? 0 : shape(today - 90 + n),
      ]);
      days[id] = Object.fromEntries(own.filter(([, value]) => value !== undefined));
      const hour = (today * DAY_MS) / HOUR_MS;
      hours[id] = index % 3 === 0 ? { [hour]: 0, [hour + 1]: 0 } : {};
    }
  }
  await platform.db.$client.execute({
    sql: 'insert into bar (k, days, hours) values (0, ?, ?)',
    args: [JSON.stringify(days), JSON.stringify(hours)],
  });
  const { hosts } = await readBars(platform);
  await refreshDays(platform);
  const short = await readDays(platform);
  expect(short.size).toBe(12);
  for (const [hostId, bars] of hosts) expect(short.get(hostId)).toEqual(dayRowOf(bars));
  platform.close();
});
