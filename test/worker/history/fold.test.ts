import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeRunner } from '#test/support/fakeRunner.ts';
import { result } from '#test/support/fakeRunner.ts';
import {
  BAD,
  foldAll,
  HOUR,
  historyOf,
  MINUTE,
  minutely,
  postAll,
  runnerAt,
} from '#test/support/history.ts';
import { TEST_START, type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { keepHistory } from '#worker/history/history.ts';
import { readSeries } from '#worker/history/readSeries.ts';

let platform: TestPlatform;
const T = TEST_START;

beforeEach(async () => {
  platform = await testPlatform();
});
afterEach(() => platform.close());

const seriesOf = async (id: number, fromAt = T, toAt = T + HOUR) => {
  const series = await readSeries(platform, id, { fromAt, toAt, stepMs: MINUTE });
  if (!series) throw new Error('no series');
  return series;
};

const bandsOf = (series: Awaited<ReturnType<typeof seriesOf>>) =>
  series.merged.bands.map(
    ({ fromAt, toAt, status }) => `${status} ${(fromAt - T) / MINUTE}-${(toAt - T) / MINUTE}`,
  );

describe('an hour that is over', () => {
  it('is folded two minutes after its end, and reads the same before and after', async () => {
    const home = await runnerAt(platform, 'Home');
    const [id = 0] = await seedChecks(platform);
    await foldAll(platform);
    platform.advance(HOUR);
    const bad = (at: number) => at >= T + 20 * MINUTE && at < T + 30 * MINUTE;
    await postAll(home, minutely(id, T, T + HOUR, bad));
    platform.advance(119_000);
    await foldAll(platform);
    expect((await historyOf(platform)).chunk).toHaveLength(0);
    const before = await seriesOf(id);
    platform.advance(1000);
    await foldAll(platform);
    expect((await historyOf(platform)).chunk).toHaveLength(1);
    const after = await seriesOf(id);
    expect(after).toEqual(before);
    expect(bandsOf(after)).toEqual(['up 0-20', 'down 20-30', 'up 30-60']);
    expect(after.merged.points).toHaveLength(60);
    expect(after.merged.points[19]).toMatchObject({ count: 1, upMs: MINUTE, downMs: 0 });
    expect(after.merged.points[20]).toMatchObject({ count: 1, rtt: null, downMs: MINUTE });
  });

  it('counts a single bad reading as lost, not as down', async () => {
    const home = await runnerAt(platform, 'Home');
    const [id = 0] = await seedChecks(platform);
    await foldAll(platform);
    platform.advance(HOUR);
    await postAll(
      home,
      minutely(id, T, T + HOUR, (at) => at === T + 10 * MINUTE),
    );
    platform.advance(2 * MINUTE);
    await foldAll(platform);
    const { merged } = await seriesOf(id);
    expect(merged.points[10]).toMatchObject({ lost: 1, upMs: MINUTE, downMs: 0 });
  });

  it('lets what began at its very end count from there, although the next hour confirmed it', async () => {
    const home = await runnerAt(platform, 'Home');
    const [id = 0] = await seedChecks(platform);
    await foldAll(platform);
    platform.advance(HOUR);
    await postAll(home, [...minutely(id, T, T + 59 * MINUTE), result(id, T + HOUR - 1000, BAD)]);
    platform.advance(2 * MINUTE);
    await foldAll(platform);
    platform.advance(HOUR);
    await postAll(home, [
      result(id, T + HOUR + 1000, BAD),
      ...minutely(id, T + HOUR + MINUTE, T + 2 * HOUR),
    ]);
    await foldAll(platform);
    platform.advance(10 * MINUTE);
    await foldAll(platform);
    const { merged } = await seriesOf(id, T, T + 2 * HOUR);
    expect(merged.bands.map(({ fromAt, status }) => [status, fromAt - T])).toEqual([
      ['up', 0],
      ['down', HOUR - 1000],
      ['up', HOUR + MINUTE],
    ]);
  });

  it('without any data costs no rows and is unknown', async () => {
    await runnerAt(platform, 'Home');
    const [id = 0] = await seedChecks(platform);
    await foldAll(platform);
    platform.advance(3 * HOUR + 2 * MINUTE);
    await foldAll(platform);
    expect((await historyOf(platform)).chunk).toEqual([]);
    expect(bandsOf(await seriesOf(id))).toEqual(['unknown 0-60']);
  });
});

describe('folding is a union', () => {
  interface World {
    platform: TestPlatform;
    id: number;
    runners: FakeRunner[];
  }

  const isBad = (at: number) => at >= T + 50 * MINUTE && at < T + 70 * MINUTE;

  async function world(): Promise<World> {
    const own = await testPlatform();
    const runners = [await runnerAt(own, 'Home'), await runnerAt(own, 'Office')];
    const [id = 0] = await seedChecks(own);
    await foldAll(own);
    return { platform: own, id, runners };
  }

  /** Everything in time, an hour at a time. */
  async function inTime({ platform: own, id, runners }: World): Promise<void> {
    for (let hour = 0; hour < 3; hour++) {
      own.advance(HOUR);
      for (const runner of runners) {
        await postAll(runner, minutely(id, T + hour * HOUR, T + (hour + 1) * HOUR, isBad));
      }
      own.advance(0);
    }
    own.advance(10 * MINUTE);
    await foldAll(own);
  }

  /** Home in time, Office three hours late, newest first, some of it twice. */
  async function late({ platform: own, id, runners }: World): Promise<void> {
    const [home, office] = runners as [FakeRunner, FakeRunner];
    for (let hour = 0; hour < 3; hour++) {
      own.advance(HOUR);
      await postAll(home, minutely(id, T + hour * HOUR, T + (hour + 1) * HOUR, isBad));
    }
    own.advance(10 * MINUTE);
    await foldAll(own);
    for (const hour of [2, 0, 1, 0]) {
      const results = minutely(id, T + hour * HOUR, T + (hour + 1) * HOUR, isBad);
      await postAll(office, results, { stream: 'late' });
      own.advance(10 * MINUTE);
      await foldAll(own);
    }
  }

  it('whatever came late, twice or in the wrong order gives the same bytes as all of it in time', async () => {
    const [one, other] = [await world(), await world()];
    await inTime(one);
    await late(other);
    const chunks = async ({ platform: own }: World) => (await historyOf(own)).chunk;
    const expected = await chunks(one);
    expect(expected).toHaveLength(3);
    expect(await chunks(other)).toEqual(expected);
    one.platform.close();
    other.platform.close();
  });

  it('killed at any of its writes, it is completed by the next tick to the same result', async () => {
    const reference = await world();
    await late(reference);
    const expected = await historyOf(reference.platform);
    reference.platform.close();
    for (let failing = 1; ; failing++) {
      const own = await world();
      const { $client } = own.platform.db;
      const batch = $client.batch.bind($client);
      let writes = 0;
      $client.batch = async (statements, mode) => {
        const folding = JSON.stringify(statements).includes(' folded ');
        if (mode === 'write' && folding && ++writes === failing) {
          // Half of the time the write took effect and only the answer was lost.
          if (failing % 2 === 0) await batch(statements, mode);
          throw new Error('killed');
        }
        return batch(statements, mode);
      };
      const { platform: real } = own;
      const tries = async (): Promise<void> => {
        for (let attempt = 0; attempt < 3; attempt++) {
          try {
            while ((await keepHistory(real, 1)).slices > 0);
            return;
          } catch (error) {
            if ((error as Error).message !== 'killed') throw error;
          }
        }
      };
      await lateWith(own, tries);
      expect(await historyOf(real)).toEqual(expected);
      real.close();
      if (writes < failing) break;
    }
  }, 120_000);

  async function lateWith(own: World, fold: () => Promise<void>): Promise<void> {
    const [home, office] = own.runners as [FakeRunner, FakeRunner];
    for (let hour = 0; hour < 3; hour++) {
      own.platform.advance(HOUR);
      await postAll(home, minutely(own.id, T + hour * HOUR, T + (hour + 1) * HOUR, isBad));
    }
    own.platform.advance(10 * MINUTE);
    await fold();
    for (const hour of [2, 0, 1, 0]) {
      const results = minutely(own.id, T + hour * HOUR, T + (hour + 1) * HOUR, isBad);
      await postAll(office, results, { stream: 'late' });
      own.platform.advance(10 * MINUTE);
      await fold();
    }
  }
});
