// A runner of the version before goes on while its worker is upgraded, and today's runner reports to a worker of the
// version before: held against what both really said (npm run record).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VERSION } from '#core/version.ts';
import { decodeResults, envelopeSchema, type Result } from '#core/wire/results.ts';
import { write } from '#db/write.ts';
import { enrol } from '#runner/enrol.ts';
import { loadKey } from '#runner/keys.ts';
import { Runner } from '#runner/loop.ts';
import type { Probed } from '#runner/probe.ts';
import { ACCESS_KEY, hashOf } from '#test/support/api.ts';
import { FakeWorker } from '#test/support/fakeWorker.ts';
import { signedIn } from '#test/support/pages.ts';
import { openTestDb, type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { flipsOf, heldStatus } from '#test/support/seed.ts';
import { VirtualWorld } from '#test/support/virtualRunner.ts';
import { app } from '#worker/app.ts';
import { hashJoinCode } from '#worker/auth/joinCode.ts';
import { databaseOf, RECORDED, recordedLines, recordingOf, replay, resultsIn } from './replay.ts';

let folder: string;
const endings: Array<() => void> = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyup-recorded-'));
});
afterEach(() => {
  for (const end of endings.splice(0).reverse()) end();
  rmSync(folder, { recursive: true, force: true });
});

async function today(aud: string, url?: string): Promise<TestPlatform> {
  const db = url === undefined ? undefined : await openTestDb(url);
  const settings = { url: aud, accessKeyHash: hashOf(ACCESS_KEY), flushMs: 1000 };
  const platform = await testPlatform({ ...settings, ...(db && { db }) });
  endings.push(() => platform.close());
  if (db) endings.push(() => db.$client.close());
  return platform;
}

async function call(platform: TestPlatform, method: string, path: string, body?: unknown) {
  const answer = await app.request(
    `/api/v1${path}`,
    {
      method,
      headers: { authorization: `Bearer ${ACCESS_KEY}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
    platform,
  );
  expect(answer.status).toBeLessThan(300);
  return answer.text();
}

/** How many readings of a check are stored, as its export has them. */
async function storedOf(platform: TestPlatform, checkId: number): Promise<number> {
  const now = platform.now();
  const [from, to] = [now - 600_000, now + 1000].map((at) => new Date(at).toISOString());
  const lines = await call(
    platform,
    'GET',
    `/checks/${checkId}/results.ndjson?from=${from}&to=${to}`,
  );
  return lines.trim().split('\n').length;
}

describe.each(RECORDED)('a runner of version %s', (version) => {
  const { aud, code, location, host, exchanges, upgradeAfter } = recordingOf(version);
  const results = resultsIn(exchanges);

  it('joins this worker, reports to it, and is shown as older', async () => {
    const platform = await today(aud);
    platform.advance((exchanges[0]?.at ?? 0) - platform.now());
    const now = platform.now();
    await write(platform.db, [
      { sql: 'insert into location (name, created_at) values (?, ?)', args: [location, now] },
      {
        sql: `insert into join_code (hash, location_id, uses_left, expires_at, created_at)
              values (?, 1, 1, ?, ?)`,
        args: [await hashJoinCode(code), now + 60_000, now],
      },
    ]);
    const [joining = [], reporting = []] = [exchanges.slice(0, 1), exchanges.slice(1)];
    expect(await replay(platform, joining)).toEqual(recordedLines(joining));
    await call(platform, 'POST', '/hosts', host);
    expect(await replay(platform, reporting)).toEqual(recordedLines(reporting));
    expect(await flipsOf(platform, 1)).toBe('unknown→up, up→down, down→up');
    expect(await flipsOf(platform, 2)).toBe('unknown→down');
    for (const id of [1, 2]) {
      const posted = results.filter(({ checkId }) => checkId === id);
      expect(posted.length).toBeGreaterThan(1);
      expect(await storedOf(platform, id)).toBe(posted.length);
    }
    const owner = await signedIn(platform);
    for (const path of ['/admin/runners', '/admin/runners/1']) {
      const { text } = await owner.get(path);
      expect(text).toContain(`${version}, older than this Anyup (${VERSION})`);
    }
  });

  it('goes on while its worker is upgraded in the middle of an outage, and nothing is lost or told twice', async () => {
    const platform = await today(aud, databaseOf(version, folder));
    const [before, after] = [exchanges.slice(0, upgradeAfter), exchanges.slice(upgradeAfter)];
    platform.advance((before.at(-1)?.at ?? 0) - platform.now());
    expect(await heldStatus(platform, 1)).toBe('down');
    // The last results before the upgrade, whose answer was lost with the old worker, are sent once more.
    const repeated = before.filter((each) => resultsIn([each]).length > 0).slice(-1);
    expect(await replay(platform, repeated)).toEqual(recordedLines(repeated));
    expect(await replay(platform, after)).toEqual(recordedLines(after));
    expect(await flipsOf(platform, 1)).toBe('unknown→up, up→down, down→up');
    const { rows } = await platform.db.$client.execute(
      'select closed_at from incident where check_id = 1',
    );
    expect(rows).toEqual([{ closed_at: expect.any(Number) }]);
    expect(await storedOf(platform, 1)).toBe(results.filter(({ checkId }) => checkId === 1).length);
  });
});

describe.each(RECORDED)('with a worker of version %s', (version) => {
  it('this runner joins, fetches its checks and reports', async () => {
    const { unknown, exchanges, code } = recordingOf(version);
    /** The newest recorded answer of a sort, with what belongs to the moment replaced. */
    const answer = (ending: string, moment: object) => {
      const told = exchanges.findLast(({ path }) => path.split('?')[0]?.endsWith(ending))?.answer;
      if (!told) throw new Error(`nothing recorded of ${ending}`);
      const body = Buffer.from(JSON.stringify({ ...JSON.parse(told.body), ...moment }));
      return { status: told.status, headers: { 'content-type': 'application/json' }, body };
    };
    const world = new VirtualWorld();
    const worker = new FakeWorker(world.wall);
    const { aud, runnerId } = worker;
    const got: Result[] = [];
    const refused: string[] = [];
    let held = 0;
    worker.fault = ({ path, body }, { seq = 0 }) => {
      const now = world.wall();
      const [route = ''] = path.split('?');
      if (route.endsWith('/enroll')) {
        worker.publicKey = JSON.parse(Buffer.from(body).toString()).publicKey.x;
        return answer('/enroll', { aud, runnerId, now });
      }
      if (route.endsWith('/assignments')) {
        const { checks } = JSON.parse(answer('/assignments', {}).body.toString());
        const mine = checks.map((check: object) => ({ ...check, owner: runnerId }));
        return answer('/assignments', { checks: mine, now });
      }
      if (route.endsWith('/results')) {
        const wire = JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>;
        const decoded = decodeResults(wire, envelopeSchema.parse(wire));
        if (decoded.ok && decoded.results.length > 0) {
          held = seq;
          got.push(...decoded.results);
        }
        return answer('/results', { seq: held, now });
      }
      refused.push(route);
      return { status: unknown.status, headers: {}, body: Buffer.from(unknown.body) };
    };
    let isUp = true;
    world.probe = async ({ target }, _, wanted) => {
      const bad = !isUp || target.endsWith(':1');
      const probed: Probed = bad
        ? { level: 500, rttUs: null, code: 'connect.refused', text: 'refused' }
        : { level: 100, rttUs: 900, code: 'ok', text: '' };
      const seen = { addresses: ['127.0.0.1'], peer: null, chain: [], response: null };
      return wanted === 'bad' && bad ? { ...probed, evidence: seen } : probed;
    };
    const platform = world.platform(worker);
    const key = await loadKey(platform);
    const capabilities = { kinds: ['tcp' as const], icmp: null, ipv6: false, scripts: [] };
    const identity = await enrol(platform, key, {
      url: 'http://worker.test',
      join: code,
      name: 'today',
      location: 'Recorded',
      version: VERSION,
      capabilities,
    });
    const runner = new Runner(platform, { key, identity, probesFolder: null });
    await runner.start();
    await world.advance(30_000);
    isUp = false;
    await world.advance(30_000);
    isUp = true;
    await world.advance(60_000);
    const levels = got.filter(({ checkId }) => checkId === 1).map(({ level }) => level);
    expect(levels.join().replace(/(\d+)(,\1)+/g, '$1')).toBe('100,500,100');
    expect(got.filter(({ checkId }) => checkId === 2).length).toBeGreaterThan(20);
    // What it knows and the worker does not costs one call, and nothing else.
    expect(refused).toEqual(['/api/v1/runner/evidence']);
    expect(worker.violations).toEqual([]);
  });
});
