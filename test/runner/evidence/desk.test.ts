// One pack when a check turns for the runner, one when it comes back: the whole runner on virtual time.
import { expect, it } from 'vitest';
import type { Evidence } from '#core/wire/evidence.ts';
import type { RunnerPlatform } from '#runner/platform.ts';
import type { Probed } from '#runner/probe.ts';
import { assigned, problemAnswer } from '#test/support/fakeWorker.ts';
import { type Scene, virtualScene } from '#test/support/virtualScene.ts';

/** A runner of one check whose target answers with these levels, probe by probe; the last goes on. */
async function watching(
  levels: Array<number | null>,
  fields = {},
  route?: RunnerPlatform['route'],
): Promise<Scene> {
  const scene = await virtualScene([assigned(3, { intervalMs: 10_000, ...fields })]);
  scene.world.route = route;
  let probes = 0;
  scene.world.probe = async (_, __, wanted) => {
    const level = levels[Math.min(probes++, levels.length - 1)] ?? null;
    const text = `probe ${probes}`;
    const probed: Probed = { level, rttUs: 1, code: level === 100 ? 'ok' : 'timeout', text };
    if (level === null || wanted === undefined) return probed;
    return level < 200 === (wanted === 'good') ? { ...probed, evidence: seen(text) } : probed;
  };
  await scene.begin();
  return scene;
}

function seen(text: string): Evidence {
  const body = { bytes: 9, text };
  const response = { version: 'HTTP/1.1', status: 500, headers: [], body };
  return { addresses: ['192.0.2.1'], peer: null, chain: [], response };
}

const packsOf = ({ worker }: Scene) => worker.evidence.map(({ turn, text }) => `${turn}: ${text}`);
const sendings = ({ worker }: Scene) =>
  worker.calls.filter(({ path }) => path.endsWith('/evidence'));

it('the first bad reading is shown once the check has turned, and the first good one when it is back', async () => {
  const scene = await watching([100, 500, 500, 500, 500, 100, 100]);
  await scene.world.advance(120_000);
  expect(packsOf(scene)).toEqual(['failure: probe 2', 'recovery: probe 6']);
  const { worker } = scene;
  const [first] = worker.evidence;
  expect(first).toMatchObject({ checkId: 3, level: 500, code: 'timeout', seen: seen('probe 2') });
  // The readings that it is of were there before.
  const turned = worker.taken.find(({ results }) => results.some(({ text }) => text === 'probe 3'));
  expect(sendings(scene)[0]?.at).toBeGreaterThanOrEqual(turned?.at ?? Number.POSITIVE_INFINITY);
  expect(worker.results.some(({ at }) => Math.round(at) === first?.at)).toBe(true);
  expect(worker.violations).toEqual([]);
});

it('with several good readings needed, the first of them is shown', async () => {
  const scene = await watching([500, 500, 100, 500, 100, 100, 100], { successes: 2 });
  await scene.world.advance(120_000);
  expect(packsOf(scene)).toEqual(['failure: probe 1', 'recovery: probe 5']);
});

it('a failure that the next reading takes back is nothing to show, nor is what could not be measured', async () => {
  const scene = await watching([100, 500, 100, null, null, null, 500, 100]);
  await scene.world.advance(200_000);
  expect(scene.worker.results.length).toBeGreaterThan(8);
  expect(packsOf(scene)).toEqual([]);
});

it('a long failure is shown once, however many readings say so', async () => {
  const scene = await watching([100, 500]);
  await scene.world.advance(600_000);
  expect(packsOf(scene)).toEqual(['failure: probe 2']);
});

it.each([
  [404, 'not_found'],
  [401, 'unauthenticated'],
])(
  'a worker that knows no evidence (%i) is asked once an hour, and results go on',
  async (status, code) => {
    const scene = await watching(Array.from({ length: 90 }, (_, n) => (n % 4 < 2 ? 500 : 100)));
    scene.worker.fault = ({ path }) =>
      path.endsWith('/evidence') ? problemAnswer(status, code) : null;
    await scene.world.advance(600_000);
    expect(sendings(scene)).toHaveLength(1);
    expect(scene.worker.results.length).toBeGreaterThan(60);
    expect(scene.worker.violations).toEqual([]);
  },
);

it('a pack that the worker fails to take is sent again after later results, and none of them waits for it', async () => {
  const scene = await watching([500]);
  let failures = 0;
  scene.worker.fault = ({ path }) =>
    path.endsWith('/evidence') && failures++ < 3 ? problemAnswer(503, 'busy') : null;
  await scene.world.advance(30_000);
  expect(packsOf(scene)).toEqual([]);
  const taken = scene.worker.results.length;
  expect(taken).toBeGreaterThan(2);
  await scene.world.advance(60_000);
  expect(packsOf(scene)).toEqual(['failure: probe 1']);
});

it('one that the worker cannot read is dropped, and the next goes out', async () => {
  const scene = await watching([500, 500, 100]);
  let refused = 0;
  scene.worker.fault = ({ path }) =>
    path.endsWith('/evidence') && refused++ === 0 ? problemAnswer(400, 'invalid_input') : null;
  await scene.world.advance(120_000);
  expect(packsOf(scene)).toEqual(['recovery: probe 3']);
  expect(scene.world.logs.join('\n')).toContain('evidence was not taken: 400');
});

it('while they cannot be sent, at most 64 packs are kept', async () => {
  const checks = Array.from({ length: 300 }, (_, n) => assigned(n + 1, { intervalMs: 10_000 }));
  const scene = await virtualScene(checks);
  scene.world.probe = async (_, __, wanted) => {
    const probed: Probed = { level: 500, rttUs: null, code: 'timeout', text: 'no answer' };
    return wanted === 'bad' ? { ...probed, evidence: seen('no answer') } : probed;
  };
  scene.worker.fault = ({ path }) =>
    path.endsWith('/evidence') ? problemAnswer(503, 'busy') : null;
  await scene.begin();
  await scene.world.advance(60_000);
  scene.worker.fault = () => null;
  await scene.world.advance(60_000);
  expect(new Set(scene.worker.evidence.map(({ checkId }) => checkId)).size).toBe(64);
  expect(scene.worker.evidence).toHaveLength(64);
});

it('the way to what failed goes with it where the owner allows that, and results do not wait for it', async () => {
  const asked: string[] = [];
  let found: (route: Array<string | null>) => void = () => {};
  const scene = await watching([100, 500, 500, 500, 100], {}, (address) => {
    asked.push(address);
    return new Promise((resolve) => {
      found = resolve;
    });
  });
  await scene.world.advance(60_000);
  expect(asked).toEqual(['192.0.2.1']);
  expect(packsOf(scene)).toEqual([]);
  expect(scene.worker.results.length).toBeGreaterThan(4);
  found(['10.0.0.1', null, '192.0.2.1']);
  await scene.world.advance(30_000);
  expect(scene.worker.evidence.map(({ seen }) => seen.route)).toEqual([
    ['10.0.0.1', null, '192.0.2.1'],
    undefined,
  ]);
  expect(asked).toHaveLength(1);
});

it('a way that cannot be found out keeps no pack back', async () => {
  const scene = await watching([500], {}, () => Promise.reject(new Error('no right')));
  await scene.world.advance(30_000);
  expect(packsOf(scene)).toEqual(['failure: probe 1']);
  expect(scene.worker.evidence[0]?.seen.route).toBeUndefined();
});
