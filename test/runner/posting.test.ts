// The whole runner on virtual time against a worker that checks every post.
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { AssignedCheck } from '#core/wire/assignments.ts';
import { loadKey } from '#runner/keys.ts';
import { Runner } from '#runner/loop.ts';
import { assigned, FakeWorker, problemAnswer } from '#test/support/fakeWorker.ts';
import { DOWN, UP, VirtualWorld } from '#test/support/virtualRunner.ts';
import { IDENTITY, stop, virtualScene } from '#test/support/virtualScene.ts';

let worker: FakeWorker;
afterEach(() => {
  expect(worker.violations).toEqual([]);
});

async function scene(checks: AssignedCheck[], options: { flushMs?: number } = {}) {
  const made = await virtualScene(checks, options);
  worker = made.worker;
  return made;
}

const some = (count: number, overrides: Partial<AssignedCheck> = {}) =>
  Array.from({ length: count }, (_, i) => assigned(i + 1, { position: i, ...overrides }));

/** A post that only says the runner is there. */
const isEmpty = (body: Uint8Array) => Buffer.from(body).includes('"check":[]');

const keyOf = ({ checkId, at }: { checkId: number; at: number }) => `${checkId}@${at}`;

describe('posting', () => {
  it('reports the first readings within a second of being told what to probe', async () => {
    const { world, begin } = await scene(some(3));
    await begin();
    await world.advance(1000);
    expect(worker.results.map(({ checkId }) => checkId).sort()).toEqual([1, 2, 3]);
    expect(worker.taken[0]).toMatchObject({ shard: 0, stream: 'live', seq: 1 });
  });

  it('posts once a flush and tells that it lives when it has nothing to say', async () => {
    const { world, begin } = await scene([]);
    await begin();
    await world.advance(61_000);
    const posts = worker.calls.filter(({ path }) => path.endsWith('/results'));
    expect(posts.length).toBeGreaterThanOrEqual(5);
    expect(posts.length).toBeLessThanOrEqual(6);
    expect(posts.every(({ status }) => status === 200)).toBe(true);
    expect(worker.taken).toEqual([]);
  });

  it('keeps the shards apart, each with numbers of its own', async () => {
    const { world, begin } = await scene([
      assigned(1, { shard: 0, intervalMs: 10_000 }),
      assigned(2, { shard: 4, intervalMs: 10_000 }),
    ]);
    await begin();
    await world.advance(60_000);
    for (const shard of [0, 4]) {
      const seqs = worker.taken.filter((post) => post.shard === shard).map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.map((_, i) => i + 1));
      expect(seqs.length).toBeGreaterThanOrEqual(4);
    }
  });

  it('only probes the checks it owns', async () => {
    const { world, begin } = await scene([assigned(1), assigned(2, { owner: '8' })]);
    await begin();
    await world.advance(130_000);
    expect(new Set(worker.results.map(({ checkId }) => checkId))).toEqual(new Set([1]));
  });

  it('takes assignments page by page and new ones within a second of hearing of them', async () => {
    const { world, begin } = await scene(some(25));
    worker.pageSize = 10;
    await begin();
    await world.advance(2000);
    expect(new Set(worker.results.map(({ checkId }) => checkId)).size).toBe(25);
    worker.checks = [...some(24), assigned(99)];
    worker.configVersion = 2;
    await world.advance(17_000);
    worker.taken.length = 0;
    await world.advance(120_000);
    const seen = new Set(worker.results.map(({ checkId }) => checkId));
    expect(seen.has(99)).toBe(true);
    expect(seen.has(25)).toBe(false);
  });

  it('asks for everything again when the worker fell back to an older configuration', async () => {
    const { world, begin } = await scene(some(2, { intervalMs: 10_000 }));
    worker.configVersion = 9;
    await begin();
    await world.advance(20_000);
    worker.checks = [assigned(3, { intervalMs: 10_000 })];
    worker.configVersion = 4;
    await world.advance(60_000);
    const asked = worker.calls.filter(({ path }) => path.includes('assignments'));
    expect(asked.map(({ path }) => path.split('?')[1])).toEqual([
      'since=0&after=0',
      'since=0&after=0',
    ]);
    expect(worker.results.at(-1)?.checkId).toBe(3);
  });

  it('cuts a flush of many results into batches of 500, in order', async () => {
    const { world, begin } = await scene(some(2200), { flushMs: 60_000 });
    await begin();
    await world.advance(170_000);
    const sizes = worker.taken.map(({ results }) => results.length);
    expect(Math.max(...sizes)).toBe(500);
    const seqs = worker.taken.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    expect(new Set(worker.results.map(keyOf)).size).toBe(worker.results.length);
  });

  it.each([1000, 970])(
    'posts as soon as there are as many as fit one post, of %i',
    async (count) => {
      const { world, begin } = await scene(some(count, { intervalMs: 20_000 }));
      await begin();
      await world.advance(60_000);
      worker.taken.length = 0;
      await world.advance(200_000);
      const sizes = worker.taken.map(({ results }) => results.length);
      expect(sizes.reduce((sum, size) => sum + size)).toBeGreaterThan(9.4 * count);
      expect(worker.taken.length).toBeLessThanOrEqual(21);
    },
  );

  it.each([
    { how: 'put off', fault: problemAnswer(503, 'busy') },
    { how: 'not answered', fault: 'no connection' as const },
  ])('keeps the pace of other shards while the posts of a full one are $how', async ({ fault }) => {
    const { world, begin } = await scene([
      assigned(1, { shard: 0, intervalMs: 5000 }),
      ...Array.from({ length: 800 }, (_, i) =>
        assigned(i + 2, { shard: 4, position: i, intervalMs: 5000 }),
      ),
    ]);
    await begin();
    await world.advance(30_000);
    worker.fault = (_, { shard }) => (shard === 4 ? fault : null);
    worker.taken.length = 0;
    await world.advance(120_000);
    const others = worker.taken.filter(({ shard }) => shard === 0);
    expect(others.length).toBeGreaterThanOrEqual(7);
    expect(others.length).toBeLessThanOrEqual(10);
  });

  it('posts while it is awake for its checks, not apart from them', async () => {
    const { world, begin } = await scene(some(200, { intervalMs: 20_000 }));
    await begin();
    await world.advance(60_000);
    worker.taken.length = 0;
    await world.advance(150_000);
    expect(worker.taken.length).toBeGreaterThanOrEqual(9);
    expect(worker.taken.length).toBeLessThanOrEqual(10);
    for (const { at, results } of worker.taken) {
      expect(at - Math.max(...results.map((one) => one.at))).toBeLessThan(300);
    }
  });

  it('makes batches that fit 64 KB however long the output of scripts is', async () => {
    const { world, begin } = await scene(some(40), { flushMs: 60_000 });
    world.probe = async () => ({ ...UP, detail: 'ä'.repeat(4096) });
    await begin();
    await world.advance(130_000);
    expect(worker.results.length).toBeGreaterThanOrEqual(80);
  });

  it('posts the same bytes under the same number when an answer is lost', async () => {
    const { world, begin } = await scene(some(2));
    await begin();
    await world.advance(2000);
    const tries: Array<{ seq: number | undefined; bytes: string }> = [];
    worker.fault = ({ path, body }, { seq }) => {
      if (!path.endsWith('/results') || isEmpty(body)) return null;
      tries.push({ seq, bytes: Buffer.from(body).toString('base64') });
      return tries.length === 1 ? 'lose the answer' : null;
    };
    const before = worker.taken.length;
    await world.advance(80_000);
    expect(tries[1]).toEqual(tries[0]);
    const keys = worker.results.map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
    expect(worker.taken.length).toBeGreaterThan(before);
  });

  it('goes on above the number the worker holds, with the same results', async () => {
    const { world, begin } = await scene(some(2));
    worker.held.set('0 live', { seq: 41, hash: 'of an earlier start' });
    await begin();
    await world.advance(2000);
    expect(worker.taken[0]).toMatchObject({ seq: 42 });
    expect(worker.results).toHaveLength(2);
    worker.held.set('0 live', { seq: 1000, hash: 'restored' });
    await world.advance(80_000);
    expect(worker.taken.at(-1)?.seq).toBeGreaterThan(1000);
    expect(worker.results.length).toBeGreaterThanOrEqual(4);
  });

  it('halves a batch the worker finds too large, and grows again', async () => {
    const { world, begin } = await scene(some(64), { flushMs: 60_000 });
    await begin();
    await world.advance(20_000);
    worker.taken.length = 0;
    worker.fault = ({ body, headers }) => {
      const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      const count = JSON.parse(plain.toString() || '{}').check?.length ?? 0;
      return count > 10 ? problemAnswer(413, 'too_large') : null;
    };
    await world.advance(120_000);
    expect(Math.max(...worker.taken.map(({ results }) => results.length))).toBeLessThanOrEqual(10);
    expect(worker.results.length).toBeGreaterThanOrEqual(64);
    worker.fault = () => null;
    await world.advance(240_000);
    expect(Math.max(...worker.taken.map(({ results }) => results.length))).toBeGreaterThan(10);
  });

  it('sets a batch aside that the worker cannot read, and goes on with the next', async () => {
    const { world, begin } = await scene(some(3));
    let refused = 0;
    worker.fault = ({ path, body }) => {
      const goes = !path.endsWith('/results') || isEmpty(body) || refused > 0;
      if (goes) return null;
      refused++;
      return problemAnswer(400, 'invalid_input', {
        errors: [{ path: 'level[0]', message: 'is not liked' }],
      });
    };
    await begin();
    await world.advance(90_000);
    const kept = [...world.disk.files].filter(([path]) => path.startsWith('rejected/'));
    expect(kept).toHaveLength(1);
    const content = JSON.parse(Buffer.from(kept[0]?.[1] ?? []).toString());
    expect(content.why).toBe('400 · invalid_input · level[0] is not liked');
    expect(content.results.length).toBeGreaterThan(0);
    expect(world.logs.join('\n')).toContain('results aside in rejected/');
    expect(worker.results.length).toBeGreaterThan(0);
  });

  it('signs again with the time the worker gives when its clock is wrong, once', async () => {
    const { world } = await scene(some(1));
    const wrong = world.wall;
    worker = new FakeWorker(() => wrong() + 3_600_000);
    worker.checks = some(1);
    const platform = world.platform(worker);
    const key = await loadKey(platform);
    worker.publicKey = key.publicKey.x;
    const runner = new Runner(platform, { key, identity: IDENTITY, probesFolder: null });
    await runner.start();
    await world.advance(5000);
    expect(worker.calls.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(2);
    const [first] = worker.results;
    expect(Math.abs((first?.at ?? 0) - wrong() - 3_600_000)).toBeLessThan(6000);

    worker.calls.length = 0;
    worker.fault = () => problemAnswer(401, 'clock_skew', { now: 'never right' });
    await world.advance(60_000);
    const posts = worker.calls.filter(({ path }) => path.endsWith('/results'));
    expect(posts).toHaveLength(2);
    expect(world.logs.join('\n')).toContain('refuses this runner: 401 · clock_skew');
  });

  it('stops posting when it is refused, keeps probing and spooling, and asks again each minute', async () => {
    const { world, begin } = await scene(some(2, { intervalMs: 10_000 }));
    await begin();
    await world.advance(30_000);
    worker.fault = () =>
      problemAnswer(403, 'runner_disabled', { detail: 'The owner has disabled this runner.' });
    worker.calls.length = 0;
    await world.advance(300_000);
    const posts = worker.calls.filter(({ path }) => path.endsWith('/results'));
    expect(posts.length).toBeGreaterThanOrEqual(4);
    expect(posts.length).toBeLessThanOrEqual(6);
    expect(world.logs.filter((line) => line.includes('refuses this runner'))).toEqual([
      'error: the worker refuses this runner: 403 · The owner has disabled this runner. Results are kept, not posted; it is asked again each minute.',
    ]);
    worker.fault = () => null;
    await world.advance(300_000);
    const keys = worker.results.map(keyOf);
    expect(keys.length).toBeGreaterThanOrEqual((2 * 600_000) / 10_000);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('brings everything after an outage: fresh results first in live, the rest oldest first in late', async () => {
    const { world, begin } = await scene(some(20, { intervalMs: 20_000 }));
    await begin();
    await world.advance(30_000);
    worker.fault = () => 'no connection';
    const cutAt = world.wall();
    await world.advance(1_800_000);
    worker.fault = () => null;
    const backAt = world.wall();
    await world.advance(150_000);

    const after = worker.taken.filter(({ at }) => at >= backAt);
    const [firstLive] = after;
    expect(firstLive?.stream).toBe('live');
    const oldestLive = Math.min(
      ...after
        .filter(({ stream }) => stream === 'live')
        .flatMap(({ results }) => results.map(({ at }) => at)),
    );
    expect(oldestLive).toBeGreaterThan(backAt - 140_000);
    const late = worker.postsOf('late');
    const starts = late.map(({ envelope }) => envelope.base);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(late.map(({ seq }) => seq)).toEqual(late.map((_, i) => i + 1));
    for (let i = 1; i < late.length; i++) {
      expect((late[i]?.at ?? 0) - (late[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(1000);
    }
    // One reading of each check for each interval, none twice.
    const keys = worker.results.map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
    const during = worker.results.filter(
      ({ at, extra }) => !extra && at > cutAt && at <= cutAt + 1_800_000,
    );
    expect(during).toHaveLength(20 * 90);
    expect(world.logs.filter((line) => line.includes('does not take results'))).toHaveLength(1);
  });

  it('backs off from a worker that is away, never longer than a minute, and heeds Retry-After', async () => {
    const { world, begin } = await scene(some(1, { intervalMs: 1000 }), { flushMs: 1000 });
    await begin();
    await world.advance(5000);
    worker.calls.length = 0;
    worker.fault = () => ({
      status: 503,
      headers: { 'retry-after': '20' },
      body: new Uint8Array(),
    });
    await world.advance(19_000);
    expect(worker.calls.filter(({ path }) => path.endsWith('/results')).length).toBeLessThanOrEqual(
      2,
    );
    await world.advance(600_000);
    const times = worker.calls.filter(({ path }) => path.endsWith('/results')).map(({ at }) => at);
    const gaps = times.slice(1).map((at, i) => at - (times[i] as number));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(61_000);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(20_000);
  });

  it('posts what contradicts within half a second, five times at once, then once in five seconds', async () => {
    const { world, begin } = await scene(some(1, { intervalMs: 1000, failures: 1 }), {
      flushMs: 60_000,
    });
    await begin();
    await world.advance(40_000);
    worker.taken.length = 0;
    let probes = 0;
    world.probe = async () => (probes++ % 2 === 0 ? DOWN : UP);
    const from = world.wall();
    await world.advance(5000);
    const early = worker.taken.filter(({ at }) => at <= from + 5000);
    expect(early.length).toBeGreaterThanOrEqual(4);
    expect(early[0]?.at ?? 0).toBeLessThanOrEqual((early[0]?.results.at(-1)?.at ?? 0) + 500);
    worker.taken.length = 0;
    await world.advance(50_000);
    expect(worker.taken.length).toBeGreaterThanOrEqual(8);
    expect(worker.taken.length).toBeLessThanOrEqual(12);
  });

  it('confirms a failure after retryAfter and posts both readings early', async () => {
    const { world, begin } = await scene([assigned(1, { position: 0 })], { flushMs: 60_000 });
    await begin();
    await world.advance(90_000);
    worker.taken.length = 0;
    world.probe = async () => DOWN;
    await world.advance(70_000);
    const downs = worker.results.filter(({ level }) => level === 500);
    const [first, second] = downs;
    expect(first?.extra).toBeUndefined();
    expect(second?.extra).toBe(true);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(2150);
    const told = worker.taken.find(({ results }) => results.some(({ at }) => at === second?.at));
    expect((told?.at ?? 0) - (second?.at ?? 0)).toBeLessThan(500);
    // Confirmed: from here on only the grid.
    expect(downs.length).toBeLessThanOrEqual(3);
  });

  it('marks what it measured during a suspend as blind', async () => {
    const { world, begin } = await scene([assigned(1, { position: 0, intervalMs: 10_000 })]);
    await begin();
    await world.advance(30_000);
    world.probe = async () => {
      await world.sleep(1000);
      return DOWN;
    };
    worker.taken.length = 0;
    await world.advance(10_100 - ((world.wall() + 100) % 10_000));
    world.suspend(120_000);
    await world.advance(2000);
    world.probe = async () => UP;
    await world.advance(30_000);
    const blind = worker.results.filter((result) => result.blind);
    expect(blind.length).toBeGreaterThanOrEqual(1);
    expect(blind.every(({ level }) => level === 500)).toBe(true);
    expect(worker.results.at(-1)?.blind).toBeUndefined();
  });

  it('tries a check it is asked to try without holding up a post, and re-probes on request', async () => {
    const { world, begin } = await scene([assigned(1, { intervalMs: 3_600_000 })]);
    await begin();
    await world.advance(10_000);
    worker.taken.length = 0;
    world.probe = async ({ target }, timeoutMs) => {
      await world.sleep(target === 'slow' ? timeoutMs : 1);
      return target === 'slow' ? DOWN : UP;
    };
    worker.asks = [
      { id: 'a', type: 'try', config: { kind: 'tcp', target: 'slow' }, timeoutMs: 30_000 },
      { id: 'b', type: 'try', config: { kind: 'tcp', target: 'fast' }, timeoutMs: 1000 },
      { id: 'c', type: 'reprobe', checkId: 1 },
    ];
    await world.advance(20_000);
    expect(worker.answers.get('b')).toEqual({ measurement: UP });
    expect(worker.answers.has('a')).toBe(false);
    expect(worker.results).toMatchObject([{ checkId: 1, extra: true }]);
    const [told] = worker.taken;
    expect((told?.at ?? 0) - (told?.results[0]?.at ?? 0)).toBeLessThan(500);
    await world.advance(30_000);
    expect(worker.answers.get('a')).toEqual({ measurement: DOWN });
  });

  it('leaves out a check whose probe still runs, and gives up one that never answers', async () => {
    const { world, begin } = await scene([assigned(1, { intervalMs: 5000, timeoutMs: 10_000 })]);
    let begun = 0;
    world.probe = () => {
      begun++;
      return new Promise(() => {});
    };
    await begin();
    await world.advance(60_000);
    expect(worker.results.length).toBeGreaterThanOrEqual(2);
    expect(worker.results[0]).toMatchObject({
      level: null,
      code: 'unable.internal',
      text: 'the probe did not answer within its time limit of 10000 ms',
    });
    const times = worker.results.map(({ at }) => at);
    for (const [index, at] of times.slice(1).entries()) {
      expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(10_000);
    }
    // At most one in each 10 s.
    expect(begun).toBeLessThanOrEqual(7);
  });

  it('survives a probe that throws or answers nonsense', async () => {
    const { world, begin } = await scene([assigned(1), assigned(2)]);
    let count = 0;
    world.probe = async () => {
      if (count++ === 0) throw new Error('a defect');
      return { level: 42, rttUs: Number.NaN, code: 'NOT A CODE', text: '' };
    };
    await begin();
    await world.advance(16_000);
    expect(new Set(worker.results.map(({ text }) => text))).toEqual(
      new Set([
        'the probe failed: a defect',
        'the probe answered the level 42, which is not from 100 to 999',
      ]),
    );
  });

  it('probes on with what it knew when it starts without a worker, and brings it all later', async () => {
    const { world, begin } = await scene(some(5, { intervalMs: 10_000 }));
    const first = await begin();
    await world.advance(30_000);
    await stop(world, first);
    worker.fault = () => 'no connection';
    await begin();
    await world.advance(300_000);
    worker.fault = () => null;
    await world.advance(120_000);
    const keys = worker.results.map(keyOf);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBeGreaterThanOrEqual((5 * 440_000) / 10_000);
  });

  it('flushes once when it is told to stop', async () => {
    const { world, begin } = await scene(some(5, { intervalMs: 10_000 }), { flushMs: 60_000 });
    const runner = await begin();
    await world.advance(100_000);
    const before = worker.results.length;
    await stop(world, runner);
    expect(worker.results.length).toBeGreaterThan(before);
    const spooled = [...world.disk.files.keys()].filter((path) => path.endsWith('.seg1'));
    expect(spooled).toEqual([]);
  });

  it('tells how many results it had to drop', async () => {
    const world = new VirtualWorld();
    worker = new FakeWorker(world.wall);
    worker.checks = some(20, { intervalMs: 1000 });
    const platform = world.platform(worker);
    const key = await loadKey(platform);
    worker.publicKey = key.publicKey.x;
    const runner = new Runner(platform, {
      key,
      identity: IDENTITY,
      probesFolder: null,
      spoolLimits: { bytes: 20_000, segmentBytes: 4000, memoryBytes: 20_000, ageMs: 1e9 },
    });
    await runner.start();
    await world.advance(5000);
    worker.fault = () => 'no connection';
    await world.advance(300_000);
    worker.fault = () => null;
    await world.advance(120_000);
    const lost = worker.taken.reduce((sum, { envelope }) => sum + envelope.lost, 0);
    expect(lost).toBeGreaterThan(1000);
    const grid = worker.results.filter(({ extra }) => !extra).length;
    expect(Math.abs(lost + grid - 20 * 425)).toBeLessThan(20 * 17);
  });
});
