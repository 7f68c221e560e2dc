// The race any-up invites, and its mirror: posts at the same moment through two isolates, each with a client of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeRunner, makeJoinCode, result } from '#test/support/fakeRunner.ts';
import { openTestDb, type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { flipsOf, seedChecks } from '#test/support/seed.ts';
import { type Sqld, startSqld } from '#test/support/sqld.ts';
import { removeHost } from '#worker/actions/hosts/remove.ts';
import { app } from '#worker/app.ts';

const ROUNDS = 200;
const OWNER = { name: 'owner', role: 'owner', via: 'key' } as const;
const bad = { level: 500, rttUs: null, code: 'connect.refused', text: 'refused' };

/** A walk over every change of two locations, both at once and one alone. */
const WALK = [
  '11',
  '00',
  '11',
  '10',
  '01',
  '00',
  '01',
  '10',
  '11',
  '01',
  '11',
  '00',
  '10',
  '00',
].map((pair) => ({ a: pair[0] === '1', b: pair[1] === '1' }));

const engines = {
  'an embedded file': async () => {
    const folder = mkdtempSync(join(tmpdir(), 'anyup-race-'));
    return {
      url: `file:${join(folder, 'race.db')}`,
      stop: async () => rmSync(folder, { recursive: true, force: true }),
    };
  },
  'a real sqld': async (): Promise<Sqld> => startSqld(),
};

describe.each(Object.entries(engines))('on %s', (_name, start) => {
  let engine: { url: string; stop: () => Promise<void> };
  let isolates: [TestPlatform, TestPlatform];

  beforeAll(async () => {
    engine = await start();
    const open = async () => testPlatform({ db: await openTestDb(engine.url) });
    isolates = [await open(), await open()];
  });
  afterAll(async () => {
    for (const isolate of isolates) isolate.db.$client.close();
    await engine.stop();
  });

  const through =
    (isolate: TestPlatform) =>
    (path: string, init?: RequestInit): Promise<Response> =>
      Promise.resolve(app.request(path, init, isolate));

  it(`${ROUNDS} equal and opposite pairs of posts miss no flip and double none`, async () => {
    const [first, second] = isolates;
    const join = async (isolate: TestPlatform, location: string) => {
      const code = await makeJoinCode(isolate, { location });
      return FakeRunner.enrol(through(isolate), { code, now: isolate.now, name: location });
    };
    const a = await join(first, 'A');
    const b = await join(second, 'B');
    const [id = 0] = await seedChecks(first, { failures: 1, intervalMs: 3_600_000 });
    const say = (runner: FakeRunner, isolate: TestPlatform, good: boolean) =>
      runner.post([result(id, isolate.now(), good ? {} : bad)]);
    let before = { a: false, b: false };
    let flips: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      for (const isolate of isolates) isolate.advance(1000);
      const next = WALK[round % WALK.length] as { a: boolean; b: boolean };
      const answers = await Promise.all([say(a, first, next.a), say(b, second, next.b)]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      const known = flips.length;
      flips = (await flipsOf(first, id)).split(', ');
      const came = flips.slice(known);
      const status = next.a || next.b ? 'up' : 'down';
      expect(flips.at(-1)?.split('→')[1], `round ${round}`).toBe(status);
      // Changes in opposite directions may pass through the other status, whichever post was first; equal ones may not.
      const opposite = next.a !== before.a && next.b !== before.b && next.a !== next.b;
      if (!opposite) expect(came.length, `round ${round}: ${came}`).toBeLessThanOrEqual(1);
      before = next;
    }
    for (const [index, flip] of flips.entries()) {
      expect(flip.split('→')[0]).toBe(index === 0 ? 'unknown' : flips[index - 1]?.split('→')[1]);
    }
    const { rows } = await first.db.$client.execute(
      'select count(*) as n from view where seq <> judged_seq',
    );
    expect(rows[0]?.n).toBe(0);
  });

  it('a check that is removed while a post about it is judged has no flip any more', async () => {
    const [first, second] = isolates;
    const code = await makeJoinCode(first, { location: 'C' });
    const runner = await FakeRunner.enrol(through(first), { code, now: first.now, name: 'C' });
    const [id = 0] = await seedChecks(first, { failures: 1, position: 5, host: 'Short-lived' });
    await runner.post([result(id, first.now(), {})]);
    expect(await flipsOf(first, id)).toBe('unknown→up');
    const { rows } = await first.db.$client.execute({
      sql: 'select host_id from check_ where id = ?',
      args: [id],
    });
    const client = first.db.$client;
    const batch = client.batch.bind(client);
    let removed = 0;
    client.batch = async (statements, mode) => {
      const isFlip = statements.some((one) => /insert into flip/.test(JSON.stringify(one)));
      if (isFlip && removed++ === 0) {
        await removeHost(second, OWNER, { id: Number(rows[0]?.host_id) });
      }
      return batch(statements, mode);
    };
    for (const isolate of isolates) isolate.advance(1000);
    const answer = await runner.post([result(id, first.now(), bad)]);
    client.batch = batch;
    expect(removed).toBe(1);
    expect(answer.status).toBe(200);
    expect(await flipsOf(first, id)).toBe('unknown→up');
  });
});
