import { describe, expect, it } from 'vitest';
import { errorsOf, withApi } from '#test/support/api.ts';
import { FakeRunner, result } from '#test/support/fakeRunner.ts';
import { app } from '#worker/app.ts';

const api = withApi();

const ask = (path: string, init?: RequestInit) =>
  Promise.resolve(app.request(path, init, api.platform));

describe('join codes', () => {
  it('are shown once, with a command to paste, and let a runner in', async () => {
    const { status, body } = await api.post('/join-codes', { location: 'Office', name: 'desk' });
    expect(status).toBe(201);
    expect(body.code).toMatch(/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
    expect(body.command).toBe(`npm run runner -- --url http://anyup.test --join ${body.code}`);
    expect(body.container).toContain(`-e ANYUP_JOIN=${body.code}`);
    expect(body.expiresAt).toBe('2026-11-21T09:15:00.000Z');
    const runner = await FakeRunner.enrol(ask, { code: body.code, now: api.platform.now });
    expect(runner).toMatchObject({ name: 'desk', location: 'Office' });
    expect((await api.get('/join-codes')).body.joinCodes).toEqual([]);
  });

  it('are kept as hashes only', async () => {
    const { body } = await api.post('/join-codes', { uses: 3 });
    const list = await api.get('/join-codes');
    expect(list.body.joinCodes[0]).toMatchObject({ usesLeft: 3, location: null });
    const stored = JSON.stringify([
      await api.rows('select * from join_code'),
      await api.rows('select * from audit'),
      list.body,
    ]);
    expect(stored).not.toContain(body.code);
    expect(stored).not.toContain(body.code.replaceAll('-', ''));
  });

  it('open nothing once revoked or expired', async () => {
    const { body } = await api.post('/join-codes', {});
    expect((await api.delete(`/join-codes/${body.id}`)).status).toBe(204);
    await expect(
      FakeRunner.enrol(ask, { code: body.code, now: api.platform.now }),
    ).rejects.toThrow();
    const second = await api.post('/join-codes', {});
    api.platform.advance(15 * 60_000 + 1);
    await expect(
      FakeRunner.enrol(ask, { code: second.body.code, now: api.platform.now }),
    ).rejects.toThrow();
    expect((await api.delete(`/join-codes/${second.body.id}`)).status).toBe(404);
  });

  it.each([
    [{ uses: 0 }, 'uses: is 0; it must be at least 1'],
    [{ uses: 101 }, 'uses: is 101; it must be at most 100'],
    [{ location: '' }, 'location: is empty'],
    [{ place: 'x' }, 'place: is not a field here'],
  ])('refuse %j and write nothing', async (input, error) => {
    const before = await api.tally();
    expect(errorsOf(await api.post('/join-codes', input))).toEqual([error]);
    expect(await api.tally()).toBe(before);
  });
});

describe('join codes of an Anyup that others cannot reach', () => {
  const local = withApi({ url: 'http://127.0.0.1:8787', loopbackOnly: true });

  it('come with a warning and the one command that changes it', async () => {
    const { body } = await local.post('/join-codes', {});
    expect(body.warning.text).toMatch(
      /^Only this machine can reach Anyup at http:\/\/127\.0\.0\.1:8787/,
    );
    expect(body.warning.command).toBe(
      'HOST=0.0.0.0 ANYUP_URL=http://<this machine>:8787 npm start',
    );
  });
});

describe('runners', () => {
  it('are listed with where they stand, and when they were heard', async () => {
    const desk = await api.runnerAt('Office', 'desk');
    const { body } = await api.get('/runners');
    expect(body.runners).toEqual([
      expect.objectContaining({
        name: 'desk',
        location: 'Office',
        status: 'active',
        lastSeenAt: null,
        silent: false,
      }),
    ]);
    await desk.post([]);
    expect((await api.get('/runners')).body.runners[0].lastSeenAt).toBe('2026-11-21T09:00:00.000Z');
    api.platform.advance(91_000);
    expect((await api.get('/runners')).body.runners[0].silent).toBe(true);
  });

  it('say which checks they cannot measure, while that is so', async () => {
    const desk = await api.runnerAt('Office', 'desk');
    await api.post('/hosts', {
      name: 'Gate',
      checks: [{ target: 'a.example' }, { target: 'b.example' }],
    });
    const now = api.platform.now();
    const unable = { level: null, rttUs: null, code: 'unable.icmp', text: 'no right to' };
    await desk.post([result(1, now), result(2, now, unable)]);
    const path = `/runners/${desk.id}/unable`;
    expect((await api.get(path)).body.checks).toEqual([
      {
        ...{ hostId: 1, host: 'Gate', checkId: 2, check: '', kind: 'icmp', target: 'b.example' },
        ...{ code: 'unable.icmp', text: 'no right to', mend: expect.stringContaining('fping') },
      },
    ]);
    await api.patch('/hosts/1', { checks: [{ id: 1 }, { id: 2, paused: true }] });
    expect((await api.get(path)).body.checks).toEqual([]);
    await api.patch('/hosts/1', { checks: [{ id: 1 }, { id: 2, paused: false }] });
    await api.runnerAt('Cellar', 'other');
    await api.patch('/hosts/1', { checks: [{ id: 1 }, { id: 2, runner: 'other' }] });
    expect((await api.get(path)).body.checks).toEqual([]);
    await api.patch('/hosts/1', { checks: [{ id: 1 }, { id: 2, runner: null }] });
    // One that it could measure a moment ago still says what it did then.
    await desk.post([result(1, now + 1000, unable), result(2, now + 1000)]);
    expect((await api.get(path)).body.checks).toEqual([]);
    expect((await api.get('/runners/99/unable')).status).toBe(404);
  });

  it('move to another location: both places fetch everything anew', async () => {
    const desk = await api.runnerAt('Office', 'desk');
    const peer = await api.runnerAt('Office', 'peer');
    await api.post('/hosts', { target: 'example.org' });
    const before = await peer.assignments();
    const { status, body } = await api.patch(`/runners/${desk.id}`, { location: 'Cellar' });
    expect({ status, location: body.location }).toEqual({ status: 200, location: 'Cellar' });
    const moved = await desk.assignments(before.configVersion);
    expect(moved).toMatchObject({ full: true, location: 'Cellar' });
    expect((await peer.assignments(before.configVersion)).full).toBe(true);
  });

  it('lose their work when disabled, are refused, and get it back', async () => {
    const desk = await api.runnerAt('Office', 'desk');
    await api.post('/hosts', { target: 'example.org' });
    await api.patch(`/runners/${desk.id}`, { status: 'disabled' });
    await expect(desk.assignments()).rejects.toThrow(/403/);
    await api.patch(`/runners/${desk.id}`, { status: 'active' });
    expect((await desk.assignments()).checks).toHaveLength(1);
  });

  it('stay revoked', async () => {
    const desk = await api.runnerAt('Office', 'desk');
    expect((await api.delete(`/runners/${desk.id}`)).status).toBe(204);
    await expect(desk.assignments()).rejects.toThrow(/403/);
    const answer = await api.patch(`/runners/${desk.id}`, { status: 'active' });
    expect(answer.status).toBe(409);
  });

  it('keep names of their own', async () => {
    await api.runnerAt('Office', 'desk');
    const other = await api.runnerAt('Office', 'shelf');
    const answer = await api.patch(`/runners/${other.id}`, { name: 'desk' });
    expect(errorsOf(answer)).toEqual(['name: "desk" is the name of another runner']);
  });

  it('that wait for approval are approved with a location', async () => {
    await api.rows(
      `insert into runner (name, public_key, aud, status, version, capabilities, enrolled_at)
       values ('new', 'x', 'http://anyup.test', 'pending', '1', '{}', 0)`,
    );
    const answer = await api.patch('/runners/1', { status: 'active' });
    expect(errorsOf(answer)[0]).toMatch(/^location: is missing/);
    const { body } = await api.patch('/runners/1', { status: 'active', location: 'Roof' });
    expect(body).toMatchObject({ status: 'active', location: 'Roof' });
  });
});

describe('locations', () => {
  it('are renamed everywhere at once', async () => {
    const desk = await api.runnerAt('Office', 'desk');
    const [{ id }] = (await api.get('/locations')).body.locations;
    await api.patch(`/locations/${id}`, { name: 'Head office' });
    expect((await desk.assignments()).location).toBe('Head office');
  });

  it('that are disabled are given nothing to watch', async () => {
    const desk = await api.runnerAt('Office', 'desk');
    await api.post('/hosts', { target: 'example.org' });
    const [{ id }] = (await api.get('/locations')).body.locations;
    await api.patch(`/locations/${id}`, { enabled: false });
    expect((await desk.assignments()).checks).toEqual([]);
  });

  it('keep names of their own', async () => {
    await api.runnerAt('Office');
    await api.runnerAt('Cellar');
    const [{ id }] = (await api.get('/locations')).body.locations;
    const answer = await api.patch(`/locations/${id}`, { name: 'Office' });
    expect(errorsOf(answer)).toEqual(['name: "Office" is the name of another location']);
  });

  it('are removed only when nothing stands there and no check names them', async () => {
    const desk = await api.runnerAt('Office', 'desk');
    const [{ id }] = (await api.get('/locations')).body.locations;
    const host = await api.post('/hosts', {
      name: 'Shop',
      checks: [{ target: 'shop.example', locations: ['Office'] }],
    });
    const refused = await api.delete(`/locations/${id}`);
    expect(refused.status).toBe(409);
    expect(refused.body.detail).toMatch(/desk.*Shop/);
    await api.delete(`/hosts/${host.body.host.id}`);
    await api.delete(`/runners/${desk.id}`);
    expect((await api.delete(`/locations/${id}`)).status).toBe(204);
    expect(await api.count('location')).toBe(0);
  });
});
