// A real runner in a world of its own: what it makes of failures while its own network is in doubt.
import { afterEach, describe, expect, it } from 'vitest';
import type { Result } from '#core/wire/results.ts';
import { loadKey } from '#runner/keys.ts';
import { Runner } from '#runner/loop.ts';
import { assigned, FakeWorker } from '#test/support/fakeWorker.ts';
import { DOWN, UP, VirtualWorld } from '#test/support/virtualRunner.ts';

const IDENTITY = {
  runnerId: '7',
  aud: 'http://anyup.test',
  name: 'fake',
  location: 'here',
  url: 'http://anyup.test',
  joinHash: '',
};

let worker: FakeWorker;

afterEach(() => {
  expect(worker.violations).toEqual([]);
});

/** Four checks of machines elsewhere and one of this machine; a gateway and two places outside. */
async function scene() {
  const world = new VirtualWorld();
  worker = new FakeWorker(world.wall);
  worker.checks = [1, 2, 3, 4].map((id) =>
    assigned(id, { config: { kind: 'tcp', target: `192.0.2.${id}:80` }, intervalMs: 20_000 }),
  );
  worker.checks.push(assigned(5, { config: { kind: 'script', target: 'script:disk' } }));
  world.canaries = new Map([
    ['gateway', { far: false, answers: true }],
    ['one', { far: true, answers: true }],
    ['two', { far: true, answers: true }],
  ]);
  const platform = world.platform(worker);
  const key = await loadKey(platform);
  worker.publicKey = key.publicKey.x;
  const begin = async () => {
    const runner = new Runner(platform, { key, identity: IDENTITY, probesFolder: null });
    await runner.start();
    return runner;
  };
  await begin();
  await world.advance(60_000);
  worker.taken.length = 0;
  return { world, begin };
}

function answer(world: VirtualWorld, ...names: string[]): void {
  for (const [name, canary] of world.canaries ?? []) canary.answers = names.includes(name);
}

const bad = (results: readonly Result[]) => results.filter(({ level }) => level === 500);
const health = () => worker.taken.findLast(({ envelope }) => envelope.runner)?.envelope.runner;

describe('a runner whose network is cut', () => {
  it('takes nothing that fails for the truth, from the first failure on, and says since when', async () => {
    const { world } = await scene();
    world.probe = async () => DOWN;
    answer(world);
    await world.advance(120_000);
    const failed = bad(worker.results).filter(({ checkId }) => checkId !== 5);
    expect(failed.length).toBeGreaterThan(8);
    expect(failed.every(({ blind }) => blind)).toBe(true);
    expect(health()?.blindSinceAt).toBeGreaterThan(0);
    expect(
      health()
        ?.canaries.filter(({ ok }) => ok)
        .map(({ name }) => name),
    ).toEqual(['clock']);
  });

  it('goes on to believe what looks at this very machine, and what answers', async () => {
    const { world } = await scene();
    world.probe = async ({ target }) => (target === '192.0.2.1:80' ? UP : DOWN);
    answer(world);
    await world.advance(120_000);
    const own = worker.results.filter(({ checkId }) => checkId === 5);
    expect(own.length).toBeGreaterThan(0);
    expect(own.some(({ blind }) => blind)).toBe(false);
    const reached = worker.results.filter(({ checkId }) => checkId === 1);
    expect(reached.some(({ blind }) => blind)).toBe(false);
  });

  it('believes its eyes again soon after a canary answers', async () => {
    const { world } = await scene();
    world.probe = async () => DOWN;
    answer(world);
    await world.advance(60_000);
    answer(world, 'gateway', 'one', 'two');
    await world.advance(8000);
    worker.taken.length = 0;
    await world.advance(60_000);
    expect(bad(worker.results).length).toBeGreaterThan(0);
    expect(worker.results.some(({ blind }) => blind)).toBe(false);
    expect(health()?.blindSinceAt).toBeNull();
  });

  it('is blind too behind a gateway that still answers', async () => {
    const { world } = await scene();
    world.probe = async () => DOWN;
    answer(world, 'gateway');
    await world.advance(60_000);
    expect(health()?.blindSinceAt).toBeGreaterThan(0);
  });
});

describe('a runner whose network works', () => {
  it('tells the first failure within a second, and the second one confirms it', async () => {
    const { world } = await scene();
    let firstAt = 0;
    world.probe = async ({ target }) => {
      if (target !== '192.0.2.2:80') return UP;
      firstAt ||= world.wall();
      return DOWN;
    };
    await world.advance(30_000);
    const told = worker.taken.filter(({ results }) => bad(results).length > 0);
    expect((told[0]?.at ?? 0) - firstAt).toBeLessThan(1000);
    expect(bad(worker.results).length).toBeGreaterThan(1);
    expect(worker.results.some(({ blind }) => blind)).toBe(false);
  });

  it('is not blind for one place outside that is gone, nor held up by it', async () => {
    const { world } = await scene();
    world.probe = async () => DOWN;
    answer(world, 'gateway', 'two');
    await world.advance(60_000);
    expect(bad(worker.results).length).toBeGreaterThan(4);
    expect(worker.results.some(({ blind }) => blind)).toBe(false);
  });
});

describe('canaries that never answered', () => {
  it('do not count: a network without any is never called blind', async () => {
    const fresh = new VirtualWorld();
    worker = new FakeWorker(fresh.wall);
    worker.checks = [assigned(1, { config: { kind: 'tcp', target: '192.0.2.1:80' } })];
    fresh.canaries = new Map([['never', { far: true, answers: false }]]);
    fresh.probe = async () => DOWN;
    const platform = fresh.platform(worker);
    const key = await loadKey(platform);
    worker.publicKey = key.publicKey.x;
    await new Runner(platform, { key, identity: IDENTITY, probesFolder: null }).start();
    await fresh.advance(60_000);
    expect(bad(worker.results).length).toBeGreaterThan(0);
    expect(worker.results.some(({ blind }) => blind)).toBe(false);
  });

  it('count after a restart when they answered before it', async () => {
    const { world, begin } = await scene();
    world.probe = async () => DOWN;
    answer(world);
    worker.taken.length = 0;
    await begin();
    await world.advance(30_000);
    const failed = bad(worker.results).filter(({ checkId }) => checkId !== 5);
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every(({ blind }) => blind)).toBe(true);
  });
});
