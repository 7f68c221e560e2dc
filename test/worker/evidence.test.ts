// What runners saw when a check turned: kept with the incident, however the two arrive.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { withApi } from '#test/support/api.ts';
import { evidencePack, type FakeRunner, result } from '#test/support/fakeRunner.ts';
import { flipsOf, seedChecks } from '#test/support/seed.ts';
import { tick } from '#worker/tick/tick.ts';

const api = withApi();
const bad = { level: 500, rttUs: null, code: 'http.status', text: 'HTTP 500' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A runner and its check, known as up. */
async function watched(location = 'Home'): Promise<{ runner: FakeRunner; id: number }> {
  const runner = await api.runnerAt(location);
  const [id = 0] = await seedChecks(api.platform);
  await runner.post([result(id, api.platform.now())]);
  return { runner, id };
}

async function fail(runner: FakeRunner, id: number): Promise<number> {
  api.platform.advance(MINUTE);
  const at = api.platform.now();
  await runner.post([result(id, at, bad), result(id, at + 1, bad)]);
  return at;
}

async function recover(runner: FakeRunner, id: number): Promise<number> {
  api.platform.advance(MINUTE);
  await runner.post([result(id, api.platform.now())]);
  return api.platform.now();
}

/** What the incident shows, by its number. */
async function shown(incident: number): Promise<string[]> {
  const { body } = await api.get(`/incidents/${incident}`);
  return body.evidence.map(
    (each: { turn: string; location: string }) => `${each.turn} from ${each.location}`,
  );
}

const hourlyTick = async () => {
  await tick(api.platform);
  await api.platform.settle();
};

describe('a pack', () => {
  it('that comes before its incident opens is shown with it, and so is that of the recovery', async () => {
    const { runner, id } = await watched();
    api.platform.advance(MINUTE);
    const at = api.platform.now();
    await runner.post([result(id, at, bad)]);
    expect(await runner.evidence(id, at)).toEqual({ status: 200, stored: true });
    expect(await api.count('incident')).toBe(0);
    await runner.post([result(id, at + 2000, bad)]);
    expect(await api.count('incident')).toBe(1);
    const back = await recover(runner, id);
    expect(await runner.evidence(id, back, { turn: 'recovery', level: 100, code: 'ok' })).toEqual({
      status: 200,
      stored: true,
    });
    expect(await flipsOf(api.platform, id)).toBe('unknown→up, up→down, down→up');
    const { body } = await api.get('/incidents/1');
    expect(body).toMatchObject({ worst: 'down', check: 'https://example.org/' });
    expect(body.evidence).toMatchObject([
      {
        turn: 'failure',
        location: 'Home',
        runner: 'runner in Home',
        seen: {
          response: evidencePack(id, at).seen.response,
          chain: [{ subject: 'CN=example.org' }],
        },
      },
      { turn: 'recovery', location: 'Home', code: 'ok' },
    ]);
  });

  it('repeated, as when the answer was lost, is kept once', async () => {
    const { runner, id } = await watched();
    const at = await fail(runner, id);
    for (let n = 0; n < 3; n++) expect((await runner.evidence(id, at)).stored).toBe(true);
    expect(await api.count('evidence')).toBe(1);
  });

  it('of the next incident is not shown with the one before', async () => {
    const { runner, id } = await watched();
    await runner.evidence(id, await fail(runner, id));
    await runner.evidence(id, await recover(runner, id), { turn: 'recovery' });
    await runner.evidence(id, await fail(runner, id));
    await runner.evidence(id, await recover(runner, id), { turn: 'recovery' });
    const once = ['failure from Home', 'recovery from Home'];
    expect([await shown(1), await shown(2)]).toEqual([once, once]);
  });

  it('from each location is shown', async () => {
    const home = await api.runnerAt('Home');
    const office = await api.runnerAt('Office');
    const [id = 0] = await seedChecks(api.platform);
    for (const each of [home, office]) await each.post([result(id, api.platform.now())]);
    for (const each of [home, office]) await each.evidence(id, await fail(each, id));
    expect(await shown(1)).toEqual(['failure from Home', 'failure from Office']);
  });

  it('of a check that is not, or no longer, the runner’s is passed over', async () => {
    const { runner, id } = await watched();
    const other = await api.runnerAt('Office');
    await api.platform.db.$client.execute(`update check_ set locations = '[1]' where id = ${id}`);
    await api.patch('/hosts/1', { name: 'Renamed' });
    const at = api.platform.now();
    expect(await other.evidence(id, at)).toEqual({ status: 200, stored: false });
    expect(await runner.evidence(999, at)).toEqual({ status: 200, stored: false });
    await api.delete('/hosts/1');
    expect(await runner.evidence(id, at)).toEqual({ status: 200, stored: false });
    expect(await api.count('evidence')).toBe(0);
  });

  it('from long ago or the future is passed over', async () => {
    const { runner, id } = await watched();
    const now = api.platform.now();
    expect((await runner.evidence(id, now - HOUR - 1)).stored).toBe(false);
    expect((await runner.evidence(id, now + MINUTE + 1)).stored).toBe(false);
    expect(await api.count('evidence')).toBe(0);
  });
});

it('an incident keeps eight packs of each sort, and the rest are passed over', async () => {
  const { runner, id } = await watched();
  const at = await fail(runner, id);
  for (let n = 0; n < 12; n++) await runner.evidence(id, at + n);
  api.platform.advance(3 * HOUR);
  expect((await runner.evidence(id, api.platform.now())).stored).toBe(false);
  for (let n = 0; n < 12; n++) {
    await runner.evidence(id, api.platform.now() + n, { turn: 'recovery' });
  }
  expect(await api.count('evidence', `turn = 'failure'`)).toBe(8);
  expect(await api.count('evidence', `turn = 'recovery'`)).toBe(8);
});

it('of one runner the newest thousand are kept, whatever it sends', async () => {
  const runner = await api.runnerAt('Home');
  const ids = await seedChecks(api.platform, { count: 130 });
  const at = api.platform.now();
  await api.platform.db.$client.execute({
    sql: `with recursive n (i) as (select 1 union all select i + 1 from n where i < 1000)
          insert into evidence (k, check_id, location_id, turn, at, body)
          select ${runner.id} * 1073741824 + i, 4711, 1, 'failure', ?, '{}' from n`,
    args: [at],
  });
  for (const id of ids.slice(0, 5)) expect((await runner.evidence(id, at)).stored).toBe(true);
  expect(await api.count('evidence')).toBe(1000);
  expect(await api.count('evidence', 'check_id <> 4711')).toBe(5);
});

it('what became of no incident goes within hours, the rest with the details of its time', async () => {
  const { runner, id } = await watched();
  api.platform.advance(MINUTE);
  await runner.evidence(id, api.platform.now());
  await runner.post([result(id, api.platform.now())]);
  api.platform.advance(30 * MINUTE);
  await runner.evidence(id, await fail(runner, id));
  await recover(runner, id);
  expect(await api.count('evidence')).toBe(2);
  api.platform.advance(2 * HOUR);
  await hourlyTick();
  expect(await shown(1)).toEqual(['failure from Home']);
  expect(await api.count('evidence')).toBe(1);
  api.platform.advance(31 * 24 * HOUR);
  await hourlyTick();
  expect(await api.count('evidence')).toBe(0);
});

it('a pack in gzip is taken as well, and one that says more than is known is kept without it', async () => {
  const { runner, id } = await watched();
  const at = await fail(runner, id);
  const pack = { ...evidencePack(id, at), more: { of: 'this' } };
  const body = new Uint8Array(gzipSync(JSON.stringify(pack)));
  const headers = { 'content-encoding': 'gzip' };
  const answer = await runner.call('POST', '/api/v1/runner/evidence', body, { headers });
  expect(await answer.json()).toMatchObject({ stored: true });
  expect((await api.rows('select body from evidence'))[0]?.body).not.toContain('more');
});

it('without a token nobody reads it', async () => {
  const { runner, id } = await watched();
  await runner.evidence(id, await fail(runner, id));
  expect((await api.get('/incidents/1', { token: null })).status).toBe(401);
});
