// The dead-man in a whole runner, on virtual time: what it sees, when it speaks, and what it remembers.
import { describe, expect, it } from 'vitest';
import { OwnChannels } from '#runner/channels/own.ts';
import type { HttpCall } from '#runner/platform.ts';
import { HEALTHY, ok, problemAnswer } from '#test/support/fakeWorker.ts';
import { type Scene, stop, virtualScene } from '#test/support/virtualScene.ts';

const MINUTE = 60_000;

interface Said {
  /** Minutes since the scene began. */
  at: number;
  to: string;
  subject: string;
  text: string;
  key: string;
}

interface Stage extends Scene {
  said: Said[];
  /** How the next messages end; then they are taken. */
  answers: Array<'refused' | number>;
}

/** A runner with a dead-man that tells two addresses. */
async function stage(
  rank: { rank: number; of: number } | null = { rank: 0, of: 1 },
  canaries: Scene['world']['canaries'] = null,
): Promise<Stage> {
  const hook = (name: string) => ({
    kind: 'webhook' as const,
    url: `http://${name}.test/hook`,
    headers: {},
  });
  const channels = new OwnChannels(
    new Map([
      ['phone', hook('phone')],
      ['mail', hook('mail')],
    ]),
  );
  const settings = { channels: ['phone'], afterMs: 3 * MINUTE };
  const scene = await virtualScene([], {
    canaries,
    deadman: { settings, channels, telegramApiUrl: null },
  });
  const { world, worker } = scene;
  worker.deadman = rank;
  const said: Said[] = [];
  const answers: Stage['answers'] = [];
  const beganMs = world.nowMs;
  world.elsewhere = async (call: HttpCall) => {
    const answer = answers.shift() ?? 200;
    if (answer === 'refused') throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
    const { subject, text, key } = JSON.parse(Buffer.from(call.body ?? []).toString());
    const at = (world.nowMs - beganMs) / MINUTE;
    if (answer < 300) said.push({ at, to: new URL(call.url).hostname, subject, text, key });
    return { status: answer, headers: {}, body: new Uint8Array() };
  };
  return { ...scene, said, answers };
}

function goAway({ worker }: Scene): void {
  worker.fault = () => 'no connection';
  worker.health = () => 'no connection';
}

function comeBack({ worker }: Scene): void {
  worker.fault = () => null;
  worker.health = () => ok(HEALTHY);
}

describe('a worker that is gone', () => {
  it('is told of once after three minutes, and its return once', async () => {
    const scene = await stage();
    const { world, said } = scene;
    await scene.begin();
    await world.advance(5 * MINUTE);
    goAway(scene);
    await world.advance(40 * MINUTE);
    expect(said).toHaveLength(1);
    expect(said[0]?.subject).toMatch(/^Anyup at http:\/\/worker\.test has not answered for 3 min/);
    expect(said[0]?.text).toContain('What was seen: connection refused.');
    expect(said[0]?.text).toContain('Seen by runner attic from here');
    expect(said[0]?.at).toBeGreaterThanOrEqual(8);
    expect(said[0]?.at).toBeLessThan(9.1);
    comeBack(scene);
    await world.advance(20 * MINUTE);
    expect(said).toHaveLength(2);
    expect(said[1]?.subject).toMatch(/^Anyup at http:\/\/worker\.test is back after /);
  });

  it('is told of by the third dead-man after nine minutes', async () => {
    const scene = await stage({ rank: 2, of: 3 });
    await scene.begin();
    await scene.world.advance(MINUTE);
    goAway(scene);
    await scene.world.advance(9.4 * MINUTE);
    expect(scene.said).toEqual([]);
    await scene.world.advance(2 * MINUTE);
    expect(scene.said).toHaveLength(1);
    expect(scene.said[0]?.text).toContain('It is dead-man 3 of 3.');
  });

  it('is told of even when the runner starts while it is gone, by the rank it kept', async () => {
    const scene = await stage({ rank: 1, of: 2 });
    const first = await scene.begin();
    await scene.world.advance(MINUTE);
    goAway(scene);
    await stop(scene.world, first);
    await scene.begin();
    await scene.world.advance(5 * MINUTE);
    expect(scene.said).toEqual([]);
    await scene.world.advance(3 * MINUTE);
    expect(scene.said).toHaveLength(1);
  });

  it('is not told of while the runner cannot trust its own network', async () => {
    const names = ['gateway', 'one', 'two'];
    const canaries = new Map(
      names.map((name) => [name, { far: name !== 'gateway', answers: true }]),
    );
    const scene = await stage({ rank: 0, of: 1 }, canaries);
    const { world, said } = scene;
    await scene.begin();
    await world.advance(2 * MINUTE);
    for (const canary of canaries.values()) canary.answers = false;
    goAway(scene);
    await world.advance(30 * MINUTE);
    expect(said).toEqual([]);
    for (const canary of canaries.values()) canary.answers = true;
    await world.advance(2 * MINUTE);
    expect(said).toEqual([]);
    await world.advance(2.5 * MINUTE);
    expect(said).toHaveLength(1);
  });

  it('is no matter when it is only restarted', async () => {
    const scene = await stage();
    await scene.begin();
    for (let round = 0; round < 6; round++) {
      goAway(scene);
      await scene.world.advance(2 * MINUTE);
      comeBack(scene);
      await scene.world.advance(2 * MINUTE);
    }
    expect(scene.said).toEqual([]);
  });

  it('is nobody’s affair for a runner that it has shut out', async () => {
    const scene = await stage();
    const { worker, world } = scene;
    await scene.begin();
    await world.advance(MINUTE);
    worker.fault = () => problemAnswer(403, 'runner_revoked');
    await world.advance(5 * MINUTE);
    goAway(scene);
    await world.advance(30 * MINUTE);
    expect(scene.said).toEqual([]);
  });
});

describe('a worker that is there and does not do its work', () => {
  it('takes no results: told with what it answers', async () => {
    const scene = await stage();
    const { worker, world } = scene;
    await scene.begin();
    await world.advance(MINUTE);
    worker.fault = ({ path }) =>
      path.includes('/results') ? problemAnswer(500, 'internal', { detail: 'Disk full' }) : null;
    await world.advance(8 * MINUTE);
    expect(scene.said).toHaveLength(1);
    expect(scene.said[0]?.subject).toContain('has taken no results for 3 min');
    expect(scene.said[0]?.text).toContain('it answers, but takes no results: 500');
  });

  it('cannot reach its database', async () => {
    const scene = await stage();
    await scene.begin();
    scene.worker.health = () => ({
      ...ok({ status: 'down', database: 'unreachable' }),
      status: 503,
    });
    await scene.world.advance(5 * MINUTE);
    expect(scene.said).toHaveLength(1);
    expect(scene.said[0]?.text).toContain('it answers, but cannot reach its database');
  });

  it.each([
    ['its tick stands still', { tickAgeMs: 600_000 }, 'its tick has not run for 10 min'],
    ['its messages wait', { outboxAgeMs: 240_000 }, 'a message that is due has waited for 4 min'],
  ])('%s', async (_, ages, words) => {
    const scene = await stage();
    await scene.begin();
    await scene.world.advance(MINUTE);
    scene.worker.health = () => ok({ ...HEALTHY, ...ages });
    await scene.world.advance(5 * MINUTE);
    expect(scene.said).toHaveLength(1);
    expect(scene.said[0]?.subject).toContain('has not sent what is due for 3 min');
    expect(scene.said[0]?.text).toContain(words);
  });

  it('a portal or a proxy in its place is not taken for it', async () => {
    const scene = await stage();
    await scene.begin();
    scene.worker.fault = () => problemAnswer(502, 'bad_gateway');
    scene.worker.health = () => ({ status: 502, headers: {}, body: Buffer.from('<html>') });
    await scene.world.advance(5 * MINUTE);
    expect(scene.said[0]?.text).toContain('it answers 502, and not as Anyup does');
  });

  it('history that is late is nothing to wake people for', async () => {
    const scene = await stage();
    await scene.begin();
    scene.worker.health = () => ok({ ...HEALTHY, historyLagMs: 86_400_000 });
    await scene.world.advance(30 * MINUTE);
    expect(scene.said).toEqual([]);
  });
});

describe('what it remembers', () => {
  it('a restart in the middle neither repeats the alarm nor forgets to take it back', async () => {
    const scene = await stage();
    const { world, said } = scene;
    const first = await scene.begin();
    await world.advance(MINUTE);
    goAway(scene);
    await world.advance(5 * MINUTE);
    expect(said).toHaveLength(1);
    await stop(world, first);
    const second = await scene.begin();
    await world.advance(20 * MINUTE);
    expect(said).toHaveLength(1);
    await stop(world, second);
    comeBack(scene);
    await scene.begin();
    await world.advance(5 * MINUTE);
    expect(said.map(({ subject }) => subject.includes('is back after'))).toEqual([false, true]);
  });

  it('a runner that is restarted every minute still gets its turn', async () => {
    const scene = await stage();
    const { world, said } = scene;
    let runner = await scene.begin();
    await world.advance(MINUTE);
    goAway(scene);
    for (let round = 0; round < 12; round++) {
      await world.advance(65_000);
      await stop(world, runner);
      runner = await scene.begin();
    }
    expect(said).toHaveLength(1);
  });

  it('a clock that jumps or a night of sleep raises no alarm and hides none', async () => {
    const scene = await stage();
    const { world, said } = scene;
    await scene.begin();
    await world.advance(MINUTE);
    world.suspend(8 * 3_600_000);
    await world.advance(10 * MINUTE);
    expect(said).toEqual([]);
    goAway(scene);
    await world.advance(MINUTE);
    world.suspend(-3_600_000);
    await world.advance(MINUTE);
    expect(said).toEqual([]);
    await world.advance(2.5 * MINUTE);
    expect(said).toHaveLength(1);
  });

  it('a message that is not taken is tried on until it is, while it is true', async () => {
    const scene = await stage();
    const { world, said, answers } = scene;
    await scene.begin();
    await world.advance(MINUTE);
    goAway(scene);
    answers.push('refused', 500, 404, 'refused');
    await world.advance(20 * MINUTE);
    expect(said).toHaveLength(1);
    expect(said[0]?.at).toBeGreaterThan(4.5);
    const logs = world.logs.filter((line) => line.includes('took no message'));
    expect(logs).toHaveLength(4);
    expect(logs[0]).toContain('phone took no message: phone.test: ECONNREFUSED');
  });

  it('an alarm that could not be sent before the worker came back is dropped, and so is the all-clear', async () => {
    const scene = await stage();
    const { world, said, answers } = scene;
    await scene.begin();
    await world.advance(MINUTE);
    goAway(scene);
    answers.push(...Array.from({ length: 200 }, () => 'refused' as const));
    await world.advance(10 * MINUTE);
    comeBack(scene);
    await world.advance(2 * MINUTE);
    answers.length = 0;
    await world.advance(20 * MINUTE);
    expect(said).toEqual([]);
  });

  it('two outages are two alarms', async () => {
    const scene = await stage();
    const { world, said } = scene;
    await scene.begin();
    for (const _ of [1, 2]) {
      goAway(scene);
      await world.advance(10 * MINUTE);
      comeBack(scene);
      await world.advance(10 * MINUTE);
    }
    expect(said.map(({ subject }) => subject.includes('is back'))).toEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(new Set(said.map(({ key }) => key)).size).toBe(4);
  });
});
