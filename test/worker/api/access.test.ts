import { describe, expect, it } from 'vitest';
import { ACCESS_KEY, errorsOf, withApi } from '#test/support/api.ts';
import { OPERATIONS } from '#worker/routes/api/operations.ts';

const api = withApi();

describe('who may call what', () => {
  it.each(OPERATIONS.map(({ method, path }) => [method.toUpperCase(), path]))(
    '%s %s needs someone signed in',
    async (method, path) => {
      const before = await api.tally();
      const body = method === 'GET' ? undefined : {};
      const answer = await api.call(method, path.replace(':id', '1'), body, { token: null });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(await api.tally()).toBe(before);
    },
  );

  it.each(
    OPERATIONS.filter(({ role }) => role !== 'viewer').map(({ method, path }) => [
      method.toUpperCase(),
      path,
    ]),
  )('%s %s is not for a token that reads', async (method, path) => {
    const token = await api.token('read');
    const before = await api.tally();
    const body = method === 'GET' ? undefined : {};
    const answer = await api.call(method, path.replace(':id', '1'), body, { token });
    expect(answer.status).toBe(403);
    expect(answer.body.code).toBe('forbidden');
    expect(await api.tally()).toBe(before);
  });

  it.each(
    OPERATIONS.filter(({ role }) => role === 'owner').map(({ method, path }) => [
      method.toUpperCase(),
      path,
    ]),
  )('%s %s is not for a token that writes', async (method, path) => {
    const token = await api.token('write');
    const body = method === 'GET' ? undefined : {};
    const answer = await api.call(method, path.replace(':id', '1'), body, { token });
    expect(answer.status).toBe(403);
  });

  it('lets a token that writes manage hosts, under its own name in the audit', async () => {
    const token = await api.token('write');
    const made = await api.post('/hosts', { target: 'example.org' }, { token });
    expect(made.status).toBe(201);
    const { entries } = (await api.get('/audit')).body;
    expect(entries[0]).toMatchObject({
      actor: 'token writeer',
      action: 'host.create',
      subject: `host ${made.body.host.id} (example.org)`,
      before: null,
      at: '2026-11-21T09:00:00.000Z',
    });
  });

  it('covers credentials where a reader looks', async () => {
    const token = await api.token('read');
    const made = await api.post('/hosts', {
      name: 'API',
      checks: [
        {
          target: 'https://me:hunter2@api.example/',
          headers: { Authorization: 'Bearer topsecret', accept: 'text/plain' },
          method: 'POST',
          body: '{"password":"swordfish"}',
        },
      ],
    });
    expect(made.status).toBe(201);
    const seen = await api.get(`/hosts/${made.body.host.id}`, { token });
    const audit = await api.get('/audit', { token });
    const list = await api.get('/hosts', { token });
    for (const { body } of [seen, audit, list]) {
      expect(JSON.stringify(body)).not.toMatch(/hunter2|topsecret|swordfish/);
    }
    expect(seen.body.checks[0].headers).toEqual({ Authorization: '•••', accept: 'text/plain' });
    const own = await api.get(`/hosts/${made.body.host.id}`);
    expect(own.body.checks[0].headers.Authorization).toBe('Bearer topsecret');
  });
});

describe('tokens', () => {
  it('are shown once and kept as a hash', async () => {
    const { status, body } = await api.post('/tokens', {
      name: 'deploy',
      scope: 'write',
      expiresIn: '90d',
    });
    expect(status).toBe(201);
    expect(body.token).toMatch(/^anyup_[\w-]{43}$/);
    expect(body.expiresAt).toBe('2027-02-19T09:00:00.000Z');
    const list = await api.get('/tokens');
    expect(list.body.tokens[0]).toMatchObject({ name: 'deploy', scope: 'write' });
    const everywhere = JSON.stringify([
      list.body,
      (await api.get('/audit')).body,
      await api.rows('select * from token'),
    ]);
    expect(everywhere).not.toContain(body.token);
  });

  it('are refused once revoked, once expired, and when they never were', async () => {
    const { body } = await api.post('/tokens', { name: 'a', expiresIn: '1h' });
    const token = String(body.token);
    expect((await api.get('/hosts', { token })).status).toBe(200);
    api.platform.advance(3_600_000);
    expect((await api.get('/hosts', { token })).status).toBe(401);
    const second = await api.post('/tokens', { name: 'b' });
    await api.delete(`/tokens/${second.body.id}`);
    expect((await api.get('/hosts', { token: second.body.token })).status).toBe(401);
    expect((await api.get('/hosts', { token: 'anyup_nonsense' })).status).toBe(401);
    expect((await api.get('/status', { token: 'anyup_nonsense' })).status).toBe(401);
  });

  it.each([
    [{ scope: 'read' }, 'name: is missing; it must be text'],
    [{ name: 'x', scope: 'root' }, 'scope: is "root"; it must be one of "read", "write"'],
    [
      { name: 'x', expiresIn: 'soon' },
      'expiresIn: "soon" is not a duration; write it like "30s", "5m" or "1h30m"',
    ],
  ])('refuse %j', async (input, error) => {
    expect(errorsOf(await api.post('/tokens', input))).toEqual([error]);
    expect(await api.count('token')).toBe(0);
  });
});

describe('settings', () => {
  it('are read with their defaults, changed one by one, and go back to the default with null', async () => {
    expect((await api.get('/settings')).body).toEqual({
      title: 'Status',
      revealDetails: false,
      flush: null,
      planDatabase: null,
      planWorker: null,
      joinPolicy: 'code',
      fromWorker: false,
    });
    const changed = await api.patch('/settings', { title: 'Our services', flush: '30s' });
    expect(changed.body).toMatchObject({
      title: 'Our services',
      revealDetails: false,
      flush: '30s',
    });
    const back = await api.patch('/settings', { flush: null });
    expect(back.body).toMatchObject({ title: 'Our services', revealDetails: false, flush: null });
  });

  it('tell runners how often to post', async () => {
    const runner = await api.runnerAt('local');
    await api.patch('/settings', { flush: '42s' });
    expect((await runner.assignments()).flushMs).toBe(42_000);
  });

  it.each([
    [{ flush: '10ms' }, 'flush: "10ms" is out of range (1s to 5m)'],
    [{ title: '' }, 'title: is empty'],
    [{ titel: 'x' }, 'titel: is not a field here; did you mean title?'],
  ])('refuse %j and keep what was', async (input, error) => {
    const before = await api.tally();
    expect(errorsOf(await api.patch('/settings', input))).toEqual([error]);
    expect(await api.tally()).toBe(before);
  });
});

describe('GET /api/v1/status', () => {
  it('is for everyone, without addresses unless the owner reveals them', async () => {
    await api.runnerAt('local');
    await api.post('/hosts', { target: 'https://intern.example/secret-path' });
    const anyone = await api.get('/status', { token: null });
    expect(anyone.status).toBe(200);
    expect(anyone.body).toMatchObject({ status: 'unknown', asOf: '2026-11-21T09:00:00.000Z' });
    expect(anyone.body.hosts).toHaveLength(1);
    expect(JSON.stringify(anyone.body)).not.toContain('secret-path');
    expect(JSON.stringify((await api.get('/status')).body)).toContain('secret-path');
    await api.patch('/settings', { revealDetails: true });
    const revealed = await api.get('/status', { token: null });
    expect(JSON.stringify(revealed.body)).toContain('secret-path');
  });
});

describe('the access key as a Bearer', () => {
  it('is the owner; a near miss is nobody', async () => {
    expect((await api.get('/tokens')).status).toBe(200);
    expect((await api.get('/tokens', { token: `${ACCESS_KEY}x` })).status).toBe(401);
    const headers = { authorization: 'Basic b3duZXI6eA==' };
    expect((await api.get('/tokens', { token: null, headers })).status).toBe(401);
  });
});
