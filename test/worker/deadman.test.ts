// Which runners are dead-men and in which order, as the worker tells them and shows it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeRunner, makeJoinCode } from '#test/support/fakeRunner.ts';
import { LivingFleet, type LivingRunner } from '#test/support/livingFleet.ts';
import { signedIn } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';
import { tick } from '#worker/tick/tick.ts';

let platform: TestPlatform;
let runners: FakeRunner[];

const ask = (path: string, init?: RequestInit) =>
  Promise.resolve(app.request(path, init, platform));

beforeEach(async () => {
  platform = await testPlatform();
  runners = [];
  for (const name of ['attic', 'cellar', 'laptop']) {
    const code = await makeJoinCode(platform, { location: name });
    runners.push(await FakeRunner.enrol(ask, { code, name, now: platform.now }));
  }
});

afterEach(async () => {
  await platform.settle();
  platform.close();
});

const saying = (deadman: boolean) => (runner: FakeRunner) =>
  runner.post([], { health: { deadman } });

async function ranks() {
  const told = await Promise.all(runners.map((runner) => runner.assignments()));
  return told.map(({ deadman }) => deadman ?? null);
}

async function rows(): Promise<number> {
  const { rows: found } = await platform.db.$client.execute(
    `select value from setting where key = 'config_version'`,
  );
  return Number(found[0]?.value ?? 0);
}

it('ranks go by age: who says it later comes later, and whoever leaves lets the others move up', async () => {
  expect(await ranks()).toEqual([null, null, null]);
  await saying(true)(runners[2] as FakeRunner);
  expect(await ranks()).toEqual([null, null, { rank: 0, of: 1 }]);
  await saying(true)(runners[1] as FakeRunner);
  expect(await ranks()).toEqual([null, { rank: 0, of: 2 }, { rank: 1, of: 2 }]);
  await saying(false)(runners[1] as FakeRunner);
  expect(await ranks()).toEqual([null, null, { rank: 0, of: 1 }]);
});

it('a change of the dead-men has every runner fetch; saying the same again costs nothing', async () => {
  const [first] = runners as [FakeRunner];
  const before = await rows();
  const answer = await (await first.post([])).json();
  await saying(true)(first);
  const after = await rows();
  expect(after).toBe(before + 1);
  const next = (await (await first.post([])).json()) as { configVersion: number };
  expect(next.configVersion).toBeGreaterThan((answer as { configVersion: number }).configVersion);
  for (let post = 0; post < 3; post++) await saying(true)(first);
  await first.post([], { health: {} });
  expect(await rows()).toBe(after);
});

it('a revoked runner has no turn any more', async () => {
  for (const runner of runners) await saying(true)(runner);
  const owner = await signedIn(platform);
  await owner.post('/admin/runners/1/revoke');
  const told = await Promise.all(runners.slice(1).map((runner) => runner.assignments()));
  expect(told.map(({ deadman }) => deadman)).toEqual([
    { rank: 0, of: 2 },
    { rank: 1, of: 2 },
  ]);
});

it('the fleet page and the page of a runner show who is one, and in which turn', async () => {
  await saying(true)(runners[1] as FakeRunner);
  await saying(true)(runners[2] as FakeRunner);
  const owner = await signedIn(platform);
  const { text } = await owner.get('/admin/runners');
  expect(text).toMatch(/cellar cellar · 0 checks · version [^·]+ · dead-man, rank 0/);
  expect(text).toMatch(/laptop laptop · 0 checks · version [^·]+ · dead-man, rank 1/);
  expect(text).not.toMatch(/attic attic · 0 checks · version [^·]+ · dead-man/);
  expect((await owner.get('/admin/runners/3')).text).toContain(
    'Dead-man rank 1: it tells people in its turn',
  );
  expect((await owner.get('/admin/runners/1')).text).toContain('Dead-man no: it tells nobody');
});

describe('three dead-men of three places, alive', () => {
  const MINUTE = 60_000;
  let fleet: LivingFleet;
  let men: LivingRunner[];

  beforeEach(async () => {
    fleet = new LivingFleet(platform);
    men = [];
    for (const name of ['one', 'two', 'three']) {
      men.push(await fleet.add(name, `place ${name}`, { deadman: true }));
    }
    await tick(platform);
    await fleet.advance(2 * MINUTE);
  });

  /** How often each told people. */
  const told = () => men.map((man) => man.told.length);

  it('an outage of five minutes is one message, and its end one', async () => {
    fleet.workerRuns = false;
    await fleet.advance(5 * MINUTE);
    expect(told()).toEqual([1, 0, 0]);
    fleet.workerRuns = true;
    await fleet.advance(10 * MINUTE);
    expect(told()).toEqual([2, 0, 0]);
    expect(men[0]?.told[1]).toContain('is back after');
  });

  it('a longer one is told by each in its turn and never twice, and taken back by each', async () => {
    fleet.workerRuns = false;
    await fleet.advance(7.5 * MINUTE);
    expect(told()).toEqual([1, 1, 0]);
    await fleet.advance(30 * MINUTE);
    expect(told()).toEqual([1, 1, 1]);
    fleet.workerRuns = true;
    await fleet.advance(10 * MINUTE);
    expect(told()).toEqual([2, 2, 2]);
  });

  it('on each side of a cut only those tell who cannot reach Anyup', async () => {
    for (const man of men.slice(1)) man.reaches.worker = false;
    await fleet.advance(8 * MINUTE);
    expect(told()).toEqual([0, 1, 0]);
    expect(men[1]?.told[0]).toContain('has not answered for 6 min');
  });

  it('one whose own network is gone tells nothing, and the next has its turn', async () => {
    const [first] = men as [LivingRunner];
    for (const canary of ['gateway', 'outside']) first.answers(canary, false);
    first.reaches.worker = false;
    fleet.workerRuns = false;
    await fleet.advance(8 * MINUTE);
    expect(told()).toEqual([0, 1, 0]);
  });

  it('a worker whose clockwork has stopped is told of, though it answers and takes results', async () => {
    fleet.workerTicks = false;
    await fleet.advance(8 * MINUTE);
    expect(told()).toEqual([1, 0, 0]);
    expect(men[0]?.told[0]).toContain('has not sent what is due');
  });
});
