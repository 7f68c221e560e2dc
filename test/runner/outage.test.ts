// The spool under what goes wrong for long: a worker that is away for hours, a disk that is full, a disk put back.
import { describe, expect, it } from 'vitest';
import type { AssignedCheck } from '#core/wire/assignments.ts';
import { assigned, type FakeWorker, problemAnswer } from '#test/support/fakeWorker.ts';
import { stop, virtualScene } from '#test/support/virtualScene.ts';

const MINUTE = 60_000;
const some = (count: number, overrides: Partial<AssignedCheck> = {}) =>
  Array.from({ length: count }, (_, i) => assigned(i + 1, { position: i, ...overrides }));
const keyOf = ({ checkId, at }: { checkId: number; at: number }) => `${checkId}@${at}`;

/** What the runner said of itself last. */
const healthOf = (worker: FakeWorker) =>
  worker.taken.map(({ envelope }) => envelope.runner).findLast((health) => health !== undefined);

describe('a worker that is away for two hours', () => {
  it('gets every result of 1,000 checks: what is fresh at once, the rest oldest first, paced', async () => {
    const { world, worker, begin } = await virtualScene(some(1000));
    await begin();
    await world.advance(2 * MINUTE);
    worker.fault = () => 'no connection';
    const cutAt = world.wall();
    await world.advance(120 * MINUTE);
    worker.fault = () => null;
    const backAt = world.wall();
    worker.taken.splice(0, worker.taken.length - 1);
    const before = worker.taken.length;
    await world.advance(10 * MINUTE);

    const posts = worker.taken.slice(before);
    expect(posts[0]?.stream).toBe('live');
    const late = posts.filter(({ stream }) => stream === 'late');
    const live = posts.filter(({ stream }) => stream === 'live');
    // Oldest first, at most one batch a second, each as full as it may be.
    const starts = late.map(({ envelope }) => envelope.base);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    for (const [index, { at }] of late.slice(1).entries()) {
      expect(at - (late[index]?.at ?? 0)).toBeGreaterThanOrEqual(1000);
    }
    expect(Math.max(...late.map(({ results }) => results.length))).toBe(500);
    // What is measured now waits for nothing that was: a flush and a moment at most.
    const fresh = live.flatMap(({ at, results }) => results.map((each) => at - each.at));
    const sinceBack = live.filter(({ at }) => at > backAt + 2 * MINUTE);
    expect(sinceBack.length).toBeGreaterThan(20);
    expect(Math.max(...fresh)).toBeLessThan(3 * MINUTE);
    const ages = sinceBack.flatMap(({ at, results }) => results.map((each) => at - each.at));
    expect(Math.max(...ages)).toBeLessThan(20_000);
    // Nothing is lost, nothing comes twice.
    const during = posts
      .flatMap(({ results }) => results)
      .filter(({ at }) => at > cutAt && at <= cutAt + 120 * MINUTE);
    expect(new Set(during.map(keyOf)).size).toBe(during.length);
    expect(during).toHaveLength(1000 * 120);
    expect(healthOf(worker)).toMatchObject({ lost: 0 });
    expect(healthOf(worker)?.spoolDepth).toBeLessThan(1000);
    expect(worker.violations).toEqual([]);
  }, 120_000);
});

describe('a disk that is full', () => {
  it('costs no result while the runner lives: they wait in memory, and the log says so', async () => {
    const { world, worker, begin } = await virtualScene(some(20, { intervalMs: 20_000 }));
    await begin();
    await world.advance(MINUTE);
    worker.fault = () => 'no connection';
    await world.advance(2 * MINUTE);
    world.disk.failure = new Error('ENOSPC: no space left on device');
    await world.advance(10 * MINUTE);
    world.disk.failure = null;
    await world.advance(2 * MINUTE);
    worker.fault = () => null;
    await world.advance(5 * MINUTE);
    const keys = worker.results.filter(({ extra }) => !extra).map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeGreaterThanOrEqual(20 * 3 * 19);
    const said = world.logs.join('\n');
    expect(said).toContain('keeping them in memory');
    expect(said).toContain('the disk takes results again');
    expect(healthOf(worker)).toMatchObject({ lost: 0 });
    expect(worker.violations).toEqual([]);
  });
});

describe('a disk put back from a snapshot', () => {
  it('neither stops the runner nor costs what it measures from then on', async () => {
    const { world, worker, begin } = await virtualScene(some(10, { intervalMs: 20_000 }));
    const first = await begin();
    await world.advance(MINUTE);
    worker.fault = () => 'no connection';
    await world.advance(5 * MINUTE);
    const snapshot = new Map(world.disk.files);
    await world.advance(MINUTE);
    worker.fault = () => null;
    await world.advance(5 * MINUTE);
    await stop(world, first);
    const known = new Set(worker.results.map(keyOf));

    world.disk.files.clear();
    for (const [path, bytes] of snapshot) world.disk.files.set(path, bytes);
    const againAt = world.wall();
    await begin();
    await world.advance(5 * MINUTE);
    // What the snapshot still had is brought once more under new numbers; the worker knows it by its time.
    const again = worker.taken.filter(({ at }) => at >= againAt);
    const old = again
      .flatMap(({ results }) => results)
      .filter(({ at }) => at < againAt - 2 * MINUTE);
    expect(old.length).toBeGreaterThan(0);
    expect(old.every((each) => known.has(keyOf(each)))).toBe(true);
    const fresh = again.flatMap(({ results }) => results).filter(({ at }) => at >= againAt);
    expect(fresh.length).toBeGreaterThanOrEqual(10 * 14);
    for (const stream of ['live', 'late'] as const) {
      const seqs = worker.postsOf(stream).map(({ seq }) => seq);
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    }
    expect(healthOf(worker)).toMatchObject({ lost: 0 });
    // Only what was just measured is on its way.
    expect(healthOf(worker)?.spoolDepth).toBeLessThanOrEqual(10);
    expect(worker.violations).toEqual([]);
  });
});

describe('a batch the worker cannot read', () => {
  it.each(['live', 'late'] as const)(
    'in %s is set aside and counted, with the reason, and holds nothing up',
    async (stream) => {
      const { world, worker, begin } = await virtualScene(some(5, { intervalMs: 20_000 }));
      await begin();
      await world.advance(MINUTE);
      worker.fault = () => 'no connection';
      await world.advance(5 * MINUTE);
      let refused = 0;
      worker.fault = (_, claims) => {
        if (!('stream' in claims) || claims.stream !== stream || refused > 0) return null;
        refused++;
        return problemAnswer(400, 'invalid_input', {
          errors: [{ path: 'level[0]', message: 'is not liked' }],
        });
      };
      await world.advance(5 * MINUTE);
      expect(refused).toBe(1);
      expect(
        [...world.disk.files.keys()].filter((path) => path.startsWith('rejected/')),
      ).toHaveLength(1);
      expect(healthOf(worker)).toMatchObject({
        rejected: { count: 1, lastReason: expect.stringContaining('level[0] is not liked') },
      });
      expect(healthOf(worker)?.spoolDepth).toBeLessThanOrEqual(5);
      expect(worker.violations).toEqual([]);
    },
  );
});
