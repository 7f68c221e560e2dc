import { beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '#core/notice.ts';
import { type Api, errorsOf, withApi } from '#test/support/api.ts';
import { addHeartbeat, call, HOUR, MINUTE, minutes, statusOf } from '#test/support/beats.ts';
import { result } from '#test/support/fakeRunner.ts';
import { foldAll } from '#test/support/history.ts';
import { flipsOf } from '#test/support/seed.ts';
import { app } from '#worker/app.ts';
import { tick } from '#worker/tick/tick.ts';

const api: Api = withApi();

beforeEach(async () => {
  await api.platform.db.$client.batch(
    [
      `insert into channel (id, name, kind, config, secrets, enabled, created_at) values (1, 'ops', 'none', '{}', '', 1, 0)`,
      `insert into rule (channel_id, match, from_status, fleet) values (1, '{}', 'down', 0)`,
    ],
    'write',
  );
  await tick(api.platform);
});

/** What the one channel is owed, in words. */
async function owed(): Promise<string[]> {
  const rows = await api.rows('select notice from delivery order by id');
  return rows.map((row) => {
    const notice = JSON.parse(String(row.notice)) as Notice;
    return notice.type === 'check' ? `${notice.to}: ${notice.reason.text}` : notice.type;
  });
}

describe('a heartbeat', () => {
  it('is unknown until the job calls for the first time, and nobody is told', async () => {
    const { checkId } = await addHeartbeat(api, { period: '10m' });
    await minutes(api, 15);
    expect(await statusOf(api, checkId)).toMatchObject({
      status: 'unknown',
      sentence: 'unknown: nothing has been said yet',
    });
    expect(await owed()).toEqual([]);
  });

  it('is up with the first call, whatever the method, and answers in a word', async () => {
    const { checkId, path } = await addHeartbeat(api, { period: '10m' });
    const answer = await call(api, path);
    expect([answer.status, await answer.text()]).toEqual([200, 'OK\n']);
    expect(await statusOf(api, checkId)).toMatchObject({ status: 'up', sentence: 'up' });
    api.platform.advance(MINUTE);
    const head = await call(api, path, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await call(api, path, { method: 'POST', body: 'done' })).status).toBe(200);
    expect((await call(api, path, { method: 'DELETE' })).status).toBe(404);
  });

  it('is missed once its period and grace are over, told once, and told again when the job is back', async () => {
    const { checkId, path } = await addHeartbeat(api, { period: '10m', grace: '2m' });
    await call(api, path);
    await minutes(api, 12);
    expect((await statusOf(api, checkId)).status).toBe('up');
    await minutes(api, 1);
    expect(await statusOf(api, checkId)).toMatchObject({
      status: 'down',
      level: 999,
      sentence: 'down',
      reason: { code: 'heartbeat.missed', text: 'no beat since 2026-11-21 09:00:00 UTC' },
    });
    await minutes(api, 25);
    expect(await owed()).toEqual(['down: no beat since 2026-11-21 09:00:00 UTC']);
    await call(api, path);
    expect((await statusOf(api, checkId)).status).toBe('up');
    expect(await owed()).toEqual(['down: no beat since 2026-11-21 09:00:00 UTC', 'up: ']);
    expect(await flipsOf(api.platform, checkId)).toBe('unknown→up, up→down, down→up');
  });

  it('counts as missed from the very deadline, not from when that was noticed', async () => {
    const { checkId, path } = await addHeartbeat(api, { period: '10m', grace: '2m' });
    const calledAt = api.platform.now();
    await call(api, path);
    await minutes(api, 14);
    const [flip] = await api.rows(
      `select since_at from flip where check_id = ? and to_status = 'down'`,
      [checkId],
    );
    expect(Number(flip?.since_at)).toBe(calledAt + 12 * MINUTE);
  });

  it('stays up between the times of its schedule, in its own zone, and is missed after the next of them', async () => {
    const { checkId, path } = await addHeartbeat(api, {
      schedule: '0,10,30 10 * * *',
      zone: 'Europe/Vienna',
      grace: '5m',
    });
    // This test begins at 9:00 UTC, which is 10:00 in Vienna.
    await call(api, path);
    await minutes(api, 10);
    await call(api, path);
    await minutes(api, 24);
    expect(await flipsOf(api.platform, checkId)).toBe('unknown→up');
    await minutes(api, 3);
    expect((await statusOf(api, checkId)).level).toBe(999);
  });

  it('goes down when the job says so, with its exit code, and up with 0', async () => {
    const { checkId, path } = await addHeartbeat(api, { period: '10m' });
    await call(api, `${path}/0`);
    api.platform.advance(MINUTE);
    await call(api, `${path}/3`);
    expect(await statusOf(api, checkId)).toMatchObject({
      status: 'down',
      level: 500,
      reason: { code: 'heartbeat.failed', text: 'exit code 3' },
    });
    api.platform.advance(MINUTE);
    await call(api, `${path}/fail`);
    expect((await statusOf(api, checkId)).reason.text).toBe('it says so');
    api.platform.advance(MINUTE);
    await call(api, `${path}/0`);
    expect((await statusOf(api, checkId)).status).toBe('up');
    expect(await owed()).toEqual(['down: exit code 3', 'up: ']);
  });

  it('measures a run from its start to its end, and keeps what the job sent', async () => {
    const { hostId, checkId, path } = await addHeartbeat(api, { period: '1h' });
    await call(api, path);
    for (const seconds of [12, 200]) {
      api.platform.advance(MINUTE);
      await call(api, `${path}/start`);
      api.platform.advance(seconds * 1000);
      await call(api, path, { method: 'POST', body: `<b>${seconds}</b>` });
      const { body } = await api.get(`/hosts/${hostId}`);
      expect(body.heartbeats).toMatchObject([
        { checkId, runMs: seconds * 1000, startedAt: null, body: `<b>${seconds}</b>` },
      ]);
    }
    // A round trip is kept up to 65 s: what took longer is told as a metric alone.
    expect((await statusOf(api, checkId)).rttUs).toBeNull();
    api.platform.advance(1000);
    const from = new Date(api.platform.now() - HOUR).toISOString();
    const to = new Date(api.platform.now() + MINUTE).toISOString();
    const { body } = await api.get(`/checks/${checkId}/series?from=${from}&to=${to}&step=1m`);
    expect(body.metrics[0]).toMatchObject({ name: 'run time', unit: 's' });
    expect(body.metrics[0].points.map(({ value }: { value: number }) => value)).toEqual([12, 200]);
  });

  it('keeps the beginning of a long body, and of /log only what it says', async () => {
    const { hostId, checkId, path } = await addHeartbeat(api);
    await call(api, `${path}/log`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect((await statusOf(api, checkId)).status).toBe('unknown');
    const { body } = await api.get(`/hosts/${hostId}`);
    expect(body.heartbeats[0].body).toBe('x'.repeat(10_000));
  });

  it('is down when a run that was announced does not end in its grace', async () => {
    const { checkId, path } = await addHeartbeat(api, { period: '1h', grace: '5m' });
    await call(api, path);
    api.platform.advance(MINUTE);
    await call(api, `${path}/start`);
    await minutes(api, 7);
    const { reason } = await statusOf(api, checkId);
    expect(reason.text).toBe('it started at 2026-11-21 09:01:00 UTC and has not ended');
  });

  it('is not missed for what it called while the worker was away', async () => {
    const { checkId, path } = await addHeartbeat(api, { period: '20m', grace: '5m' });
    await call(api, path);
    await minutes(api, 15);
    // The job calls every 20 minutes, and for three hours nobody hears it.
    api.platform.advance(3 * HOUR);
    await minutes(api, 5);
    expect((await statusOf(api, checkId)).status).toBe('up');
    await call(api, path);
    expect(await flipsOf(api.platform, checkId)).toBe('unknown→up');
    await minutes(api, 26);
    expect((await statusOf(api, checkId)).level).toBe(999);
  });

  it('is missed after all when it does not come back after the worker did', async () => {
    const { checkId, path } = await addHeartbeat(api, { period: '20m', grace: '5m' });
    await call(api, path);
    await minutes(api, 15);
    api.platform.advance(3 * HOUR);
    await minutes(api, 30);
    expect((await statusOf(api, checkId)).level).toBe(999);
  });

  it('is waited for anew after a pause, and what the job calls meanwhile counts', async () => {
    const { hostId, checkId, path } = await addHeartbeat(api, { period: '10m', grace: '1m' });
    await call(api, path);
    await minutes(api, 1);
    await api.patch(`/hosts/${hostId}`, { paused: true });
    await minutes(api, 60);
    expect((await call(api, `${path}/1`)).status).toBe(200);
    await minutes(api, 1);
    await api.patch(`/hosts/${hostId}`, { paused: false });
    await minutes(api, 1);
    expect((await statusOf(api, checkId)).level).toBe(500);
    await call(api, path);
    await minutes(api, 10);
    expect((await statusOf(api, checkId)).status).toBe('up');
    await minutes(api, 3);
    expect((await statusOf(api, checkId)).level).toBe(999);
  });

  it('is told what a crash between hearing and judging left untold', async () => {
    const { checkId, path } = await addHeartbeat(api, { period: '10m' });
    await call(api, path);
    await api.platform.db.$client.execute({
      sql: `update answered set level = 500, code = 'heartbeat.failed', text = 'exit code 9', last_at = last_at + 1000 where check_id = ?`,
      args: [checkId],
    });
    await minutes(api, 1);
    expect((await statusOf(api, checkId)).reason.text).toBe('exit code 9');
  });

  it('shows in history as long as it was missed, and no longer', async () => {
    const { checkId, path } = await addHeartbeat(api, { period: '20m', grace: '4m' });
    const startAt = api.platform.now();
    await call(api, path);
    await minutes(api, 20, 2);
    // This beat is the last for long: it is missed at 44, and the job is back at 90.
    await call(api, path);
    await minutes(api, 70, 2);
    for (let beat = 0; beat < 6; beat++) {
      await call(api, path);
      await minutes(api, 20, 2);
    }
    await foldAll(api.platform);
    const to = new Date(startAt + 3 * HOUR).toISOString();
    const { body } = await api.get(
      `/checks/${checkId}/series?from=${new Date(startAt).toISOString()}&to=${to}&step=1m`,
    );
    const bands = (body.merged.bands as Array<Record<string, string>>).map(
      ({ fromAt = '', toAt = '', status }) =>
        `${status} ${(Date.parse(fromAt) - startAt) / MINUTE}-${(Date.parse(toAt) - startAt) / MINUTE}`,
    );
    expect(bands).toEqual(['up 0-44', 'down 44-90', 'up 90-180']);
    const incidents = await api.rows('select opened_at, closed_at, found_at from incident');
    expect(incidents).toMatchObject([
      { opened_at: startAt + 44 * MINUTE, closed_at: startAt + 90 * MINUTE, found_at: null },
    ]);
  });
});

describe('the address of a heartbeat', () => {
  it('is shown to those who may change it and to nobody else, and stands in no audit row', async () => {
    const { hostId, path } = await addHeartbeat(api);
    const token = path.slice('/beat/'.length);
    expect(token).toMatch(/^[A-Za-z0-9_-]{24}$/);
    const viewer = await api.token('read');
    const { body } = await api.get(`/hosts/${hostId}`, { token: viewer });
    expect(body.heartbeats).toBeUndefined();
    await api.patch(`/hosts/${hostId}`, { name: 'Renamed' });
    for (const table of ['audit', 'check_', 'answered', 'setting', 'page_snapshot']) {
      expect(JSON.stringify(await api.rows(`select * from ${table}`))).not.toContain(token);
    }
    expect((await api.get('/hosts')).body.hosts[0].heartbeats[0].url).toContain(token);
  });

  it('that nobody was given is 404 in a word and reads nothing when it is not spelled like one', async () => {
    await addHeartbeat(api);
    const stranger = await call(api, `/beat/${'x'.repeat(24)}`);
    expect([stranger.status, await stranger.text()]).toEqual([
      404,
      'There is no such heartbeat.\n',
    ]);
    const { execute } = api.platform.db.$client;
    api.platform.db.$client.execute = () => Promise.reject(new Error('nothing is to be read'));
    expect((await app.request('/beat/short', {}, api.platform)).status).toBe(404);
    api.platform.db.$client.execute = execute;
  });

  it('can be made anew: the one before is taken no more', async () => {
    const { checkId, path } = await addHeartbeat(api);
    const { status, body } = await api.post(`/checks/${checkId}/address`, {});
    expect(status).toBe(200);
    expect((await call(api, path)).status).toBe(404);
    expect((await call(api, new URL(body.url).pathname)).status).toBe(200);
    expect((await api.post('/checks/999/address', {})).status).toBe(404);
    expect(await api.count('audit', `action = 'check.renewAddress'`)).toBe(1);
    const token = await api.token('read');
    expect((await api.post(`/checks/${checkId}/address`, {}, { token })).status).toBe(403);
  });

  it('outlives a change of ANYUP_SECRET, which breaks no job', async () => {
    const { hostId, path } = await addHeartbeat(api);
    const { config } = api.platform;
    const urlNow = async () => (await api.get(`/hosts/${hostId}`)).body.heartbeats[0].url;
    config.previousSecret = config.secret;
    config.secret = new Uint8Array(32).fill(9);
    expect(await urlNow()).toContain(path);
    expect((await call(api, path)).status).toBe(200);
    // The call sealed it anew: the secret before can be let go.
    config.previousSecret = null;
    expect(await urlNow()).toContain(path);
    config.secret = new Uint8Array(32).fill(11);
    expect(await urlNow()).toBeNull();
    expect((await call(api, path)).status).toBe(200);
  });

  it('dies with the check', async () => {
    const { hostId, path } = await addHeartbeat(api);
    await api.delete(`/hosts/${hostId}`);
    expect((await call(api, path)).status).toBe(404);
    expect(await api.count('answered')).toBe(0);
  });

  it('takes nothing but what a job may say', async () => {
    const { path } = await addHeartbeat(api);
    const answer = await call(api, `${path}/stop`);
    expect([answer.status, await answer.text()]).toEqual([
      400,
      'say start, fail, log or an exit code of 0-255\n',
    ]);
  });
});

describe('a flood of calls', () => {
  it('is taken for one, and refused after twenty with when to come again', async () => {
    const { path } = await addHeartbeat(api, { period: '10m' });
    await call(api, path);
    const [before] = await api.rows('select last_at from answered');
    const statuses: number[] = [];
    for (let n = 0; n < 22; n++) {
      api.platform.advance(10);
      statuses.push((await call(api, path)).status);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(19);
    expect(await api.rows('select last_at from answered')).toEqual([before]);
    const refused = await call(api, path);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
    api.platform.advance(60_000);
    expect((await call(api, path)).status).toBe(200);
    const [after] = await api.rows('select last_at from answered');
    expect(after).not.toEqual(before);
  });
});

describe('a heartbeat is set up', () => {
  it('by a name alone: it is then to call once a day', async () => {
    const { body } = await api.post('/hosts', { target: 'heartbeat:nightly backup' });
    expect(body.host).toMatchObject({
      name: 'nightly backup',
      checks: [{ kind: 'heartbeat', target: 'heartbeat:nightly backup', locations: 'all' }],
    });
    expect(body.host.heartbeats[0].url).toMatch(/^http:\/\/anyup\.test\/beat\//);
  });

  it.each([
    [
      { schedule: '61 * * * *' },
      'checks[0].schedule: has "61" as its minute; that must be 0-59, "*", a list or a range',
    ],
    [
      { zone: 'Mars/Olympus' },
      'checks[0].zone: is not a time zone; write it like "Europe/Berlin" or "UTC"',
    ],
    [{ period: '5s' }, 'checks[0].period: "5s" is out of range (1m to 400d)'],
    [{ interval: '5m' }, 'checks[0].interval: means nothing to this kind; say it in "period"'],
    [
      { locations: ['Home'] },
      'checks[0].locations: is for checks that runners probe; this kind is answered by Anyup itself: leave it out',
    ],
  ])('with %j it is refused, naming the field', async (fields, words) => {
    const checks = [{ kind: 'heartbeat', target: 'job', ...fields }];
    const answer = await api.post('/hosts', { name: 'Job', checks });
    expect(answer.status).toBe(400);
    expect(errorsOf(answer)).toContain(words);
  });

  it('and what was read can be written back', async () => {
    const { hostId, checkId, path } = await addHeartbeat(api, { period: '10m', grace: '1h' });
    await call(api, path);
    const { body } = await api.get(`/hosts/${hostId}`);
    const answer = await api.patch(`/hosts/${hostId}`, { checks: body.checks });
    expect(answer.status).toBe(200);
    await minutes(api, 1);
    expect((await statusOf(api, checkId)).status).toBe('up');
    const [check] = body.checks;
    const slower = await api.patch(`/hosts/${hostId}`, { checks: [{ ...check, period: '20m' }] });
    expect(slower.body.host.checks[0]).toMatchObject({ period: '20m', interval: '20m' });
    const meant = await api.patch(`/hosts/${hostId}`, {
      checks: [{ id: checkId, interval: '5m' }],
    });
    expect(errorsOf(meant)).toEqual([
      'checks[0].interval: means nothing to this kind; say it in "period"',
    ]);
  });

  it('no runner is ever sent it, and none can speak for it', async () => {
    const home = await api.runnerAt('Home');
    const { checkId } = await addHeartbeat(api, { period: '10m' });
    expect((await home.assignments()).checks).toEqual([]);
    const answer = await home.post([result(checkId, api.platform.now())]);
    expect(await answer.json()).toMatchObject({ dropped: 1 });
    expect((await statusOf(api, checkId)).status).toBe('unknown');
  });

  it('cannot be tried: there is nothing to probe', async () => {
    const answer = await api.post('/tries', { target: 'heartbeat:job' });
    expect(errorsOf(answer)).toEqual([
      'kind: is answered by Anyup itself, so there is nothing to try',
    ]);
  });
});
