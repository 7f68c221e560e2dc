// The worker as a place that looks itself (docs/decisions/0021): no runner, the tick, real sockets.
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HERE } from '#core/assign.ts';
import { parseNetwork } from '#core/net/reach.ts';
import { errorsOf, withApi } from '#test/support/api.ts';
import { result } from '#test/support/fakeRunner.ts';
import { flipsOf, heldStatus } from '#test/support/seed.ts';
import { startTarget, type Target } from '#test/support/targets.ts';
import { tick } from '#worker/tick/tick.ts';

const LOOPBACK = [parseNetwork('127.0.0.0/8')].filter((each) => each !== null);
const api = withApi({ workerNetworks: LOOPBACK });

let target: Target;
const others: Target[] = [];

beforeEach(async () => {
  target = await startTarget();
});

afterEach(async () => {
  await Promise.all([target, ...others.splice(0)].map((each) => each.stop()));
});

async function another(host: string): Promise<Target> {
  const made = await startTarget(host);
  others.push(made);
  return made;
}

/** What was told of runners. */
const fleetEvents = async () => (await api.rows('select kind from event')).map(({ kind }) => kind);

/** One run of the tick, with the looks it makes. */
async function minute(ms = 60_000): Promise<void> {
  api.platform.advance(ms);
  await tick(api.platform);
  await api.platform.settle();
}

const switchOn = () => api.patch('/settings', { fromWorker: true });

interface Wanted {
  [field: string]: unknown;
}

async function addCheck(check: Wanted): Promise<number> {
  const answer = await api.post('/hosts', {
    name: 'a site',
    checks: [{ retryAfter: '100ms', locations: ['This worker'], ...check }],
  });
  expect(errorsOf(answer)).toEqual([]);
  return Number(answer.body.host.checks[0].id);
}

async function statusOf(id: number) {
  const { body } = await api.get('/status');
  return body.hosts
    .flatMap((host: { checks: Array<{ id: number }> }) => host.checks)
    .find((check: { id: number }) => check.id === id);
}

describe('the worker looks itself', () => {
  it('a first check needs no runner: type an address, and the next tick has it green', async () => {
    await switchOn();
    const { body } = await api.post('/hosts', { target: `${target.origin}/` });
    expect(body.host.checks[0].locations).toEqual(['This worker']);
    await minute();
    expect(target.asked).toEqual(['GET /']);
    const check = await statusOf(body.host.checks[0].id);
    expect(check).toMatchObject({
      status: 'up',
      sentence: expect.stringContaining('This worker'),
      locations: [{ location: 'This worker', status: 'up' }],
    });
    expect(check.rttUs).toBeGreaterThan(0);
  });

  it('and may be tried before it is saved', async () => {
    await switchOn();
    const tried = async (check: Wanted) => {
      const { status, body } = await api.post('/tries', check);
      expect(status).toBe(202);
      expect(body.runner).toBe('This worker');
      await api.platform.settle();
      return (await api.get(`/tries/${body.askId}`)).body;
    };
    const up = await tried({ target: `${target.origin}/` });
    expect(up).toMatchObject({ state: 'answered', status: 'up', pollAfterMs: null });
    expect(up.measurement.rttUs).toBeGreaterThan(0);
    expect(target.asked).toEqual(['GET /']);
    target.answer = (_, response) => response.writeHead(503).end();
    const asked = { expectStatus: '200-503', bodyContains: ['fine'], bodyLacks: ['error'] };
    const wished = { ...asked, headerMatch: ['x-missing == 1'], jsonMatch: ['$.a == 1'] };
    expect(await tried({ target: `${target.origin}/`, ...wished })).toMatchObject({
      status: 'down',
      words: expect.stringContaining('header x-missing is missing'),
      findings: [
        { name: 'Status', ok: true, expected: '200-503', got: '503' },
        { name: 'Header x-missing', ok: false, got: 'missing' },
        { name: 'Body contains', ok: false, expected: 'fine', got: 'an empty body' },
        { name: 'Body lacks', ok: true, expected: 'error', got: 'not found' },
        { name: 'JSON', ok: false, expected: 'a document' },
      ],
    });
    expect(await tried({ target: `${target.origin}/`, invert: true })).toMatchObject({
      status: 'up',
    });
    const local = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await new Promise((resolve) => local.once('listening', resolve));
    const { port } = local.address() as { port: number };
    expect(await tried({ target: `127.0.0.1:${port}` })).toMatchObject({ status: 'up' });
    local.close();
    await api.runnerAt('Office');
    const named = await tried({ target: `${target.origin}/`, locations: ['This worker'] });
    expect(named).toMatchObject({ status: 'down' });
    const others = await api.post('/tries', { target: `${target.origin}/` });
    expect(others.body.runner).not.toBe('This worker');
    const beyond = await api.post('/tries', { target: 'ping.example', locations: ['This worker'] });
    expect(beyond.status).toBe(400);
  });

  it('is off until somebody switches it on, and then does nothing that nobody asked for', async () => {
    const refused = await api.post('/hosts', {
      name: 'x',
      checks: [{ target: `${target.origin}/`, locations: ['This worker'] }],
    });
    expect(errorsOf(refused)).toEqual([
      'checks[0].locations[0]: "This worker" is not a location; there is none yet',
    ]);
    await switchOn();
    await api.runnerAt('Office');
    const { body } = await api.post('/hosts', { target: `${target.origin}/` });
    expect(body.host.checks[0].locations).toBe('all');
    await minute();
    expect(target.asked).toEqual([]);
  });

  it('a failure is looked at again at once, so that one tick confirms it, and one brings it back', async () => {
    await switchOn();
    const id = await addCheck({ target: `${target.origin}/` });
    await minute();
    target.answer = (_, response) => response.writeHead(503).end();
    await minute();
    expect(await heldStatus(api.platform, id)).toBe('down');
    expect(target.asked).toHaveLength(3);
    const { reason } = await statusOf(id);
    expect(reason).toMatchObject({ code: 'http.status', text: 'HTTP 503, expected 200-399' });
    target.answer = (_, response) => response.end('fine');
    await minute();
    expect(await flipsOf(api.platform, id)).toBe('unknown→up, up→down, down→up');
    expect(await api.count('incident', 'closed_at is not null')).toBe(1);
  });

  it('keeps to the interval, and to the cap of a run: what finds no room comes first the next time', async () => {
    await api.patch('/settings', { fromWorker: true, planWorker: 'workers_free' });
    const checks = Array.from({ length: 14 }, (_, index) => ({
      name: `page ${index}`,
      target: `${target.origin}/${index}`,
      interval: index < 2 ? '5m' : '60s',
      locations: ['This worker'],
    }));
    const made = await api.post('/hosts', { name: 'many', checks });
    expect(made.body.warnings).toEqual([
      expect.stringContaining('asked for about 13 looks a minute and has room for 10'),
    ]);
    const usage = await api.get('/usage');
    expect(usage.body.fromWorker).toMatchObject({ on: true, checks: 14, wanted: 12.4, most: 10 });
    await minute();
    expect(target.asked).toHaveLength(10);
    await minute();
    expect(target.asked).toHaveLength(20);
    expect(new Set(target.asked.slice(0, 14)).size).toBe(14);
    for (let i = 0; i < 3; i++) await minute();
    const seldom = target.asked.filter((asked) => /\/[01]$/.test(asked));
    expect(seldom).toHaveLength(2);
    const { body } = await api.get('/status');
    expect(body.status).toBe('up');
  });

  it('what it does not get to for long is unknown, never down', async () => {
    await switchOn();
    const id = await addCheck({ target: `${target.origin}/` });
    await minute();
    await api.patch('/settings', { fromWorker: false });
    await minute();
    expect(await heldStatus(api.platform, id)).toBe('unknown');
    await switchOn();
    await minute();
    expect(await heldStatus(api.platform, id)).toBe('up');
  });

  it('its word is one of several: up if anyone can reach it', async () => {
    await switchOn();
    const office = await api.runnerAt('Office');
    const id = await addCheck({
      target: `${target.origin}/`,
      locations: ['Office', 'This worker'],
    });
    await office.post([result(id, api.platform.now())]);
    target.answer = (_, response) => response.writeHead(500).end();
    await minute();
    await office.post([result(id, api.platform.now())]);
    await minute();
    expect(await statusOf(id)).toMatchObject({
      status: 'up',
      sentence: expect.stringContaining('not from This worker'),
    });
  });

  it('looks at once when another location sees a check turn', async () => {
    await switchOn();
    const office = await api.runnerAt('Office');
    const id = await addCheck({
      target: `${target.origin}/`,
      locations: ['Office', 'This worker'],
    });
    await office.post([result(id, api.platform.now())]);
    await minute();
    const bad = { level: 500, rttUs: null, code: 'connect.refused', text: 'refused' };
    await target.stop();
    api.platform.advance(5000);
    await office.post([result(id, api.platform.now(), bad)]);
    await api.platform.settle();
    expect((await statusOf(id)).locations).toContainEqual(
      expect.objectContaining({ location: 'This worker', status: 'down' }),
    );
    api.platform.advance(2000);
    await office.post([result(id, api.platform.now(), bad)]);
    expect(await heldStatus(api.platform, id)).toBe('down');
    target = await startTarget();
  });

  it('connects over TCP, and says why it cannot', async () => {
    await switchOn();
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const id = await addCheck({ target: `127.0.0.1:${port}` });
    await minute();
    expect(await statusOf(id)).toMatchObject({ status: 'up', kind: 'tcp' });
    await new Promise((resolve) => server.close(resolve));
    await minute();
    expect(await statusOf(id)).toMatchObject({
      status: 'down',
      reason: { code: 'connect.refused' },
    });
  });

  it('asks as the check describes it and goes where it is sent, with cookies but without what was meant for one server', async () => {
    await switchOn();
    const other = await another('127.0.0.3');
    const heads: Array<Record<string, unknown>> = [];
    target.answer = (request, response) => {
      heads.push(request.headers);
      if (request.url === '/?q=1')
        response.writeHead(302, { location: '/in', 'set-cookie': 's=1; Path=/' }).end();
      else response.writeHead(302, { location: `${other.origin}/end` }).end();
    };
    other.answer = (request, response) => {
      heads.push(request.headers);
      response.setHeader('x-shop', 'open').end('{"stock": 3}');
    };
    const id = await addCheck({
      target: `${target.origin}/`,
      query: { q: '1' },
      headers: { 'X-Api-Key': 'k', 'X-Plain': 'p' },
      auth: 'basic',
      username: 'me',
      password: 'pw',
      headerMatch: ['x-shop == open'],
      jsonMatch: ['$.stock > 2'],
      bodyContains: ['stock'],
      bodyLacks: ['sold out'],
    });
    await minute();
    expect(await statusOf(id)).toMatchObject({ status: 'up' });
    const basic = `Basic ${Buffer.from('me:pw').toString('base64')}`;
    expect(heads[0]).toMatchObject({ authorization: basic, 'x-api-key': 'k' });
    expect(heads[1]).toMatchObject({ authorization: basic, cookie: 's=1' });
    expect(heads[2]).toMatchObject({ 'x-plain': 'p' });
    expect(heads[2]).not.toHaveProperty('authorization');
    expect(heads[2]).not.toHaveProperty('x-api-key');
    expect(heads[2]).not.toHaveProperty('cookie');
  });

  it.each([
    ['a text that is missing', { bodyContains: ['gone'] }, 'http.body'],
    ['a text that may not be there', { bodyLacks: ['fine'] }, 'http.body'],
    ['a header', { headerMatch: ['x-shop exists'] }, 'http.header'],
    ['JSON', { jsonMatch: ['$.a == 1'] }, 'http.json'],
    ['a body that is too large', { maxBytes: 3 }, 'http.too_large'],
    ['a status', { expectStatus: '418' }, 'http.status'],
    ['an answer at all', { invert: true }, 'inverted'],
  ])('tells what is not as expected: %s', async (_, fields, code) => {
    await switchOn();
    const id = await addCheck({ target: `${target.origin}/`, ...fields });
    await minute();
    expect(await statusOf(id)).toMatchObject({ status: 'down', reason: { code } });
  });

  it('waits no longer than the timeout for a server that drips', async () => {
    await switchOn();
    target.answer = (_, response) => {
      response.write('a');
    };
    const id = await addCheck({ target: `${target.origin}/`, timeout: '300ms' });
    await minute();
    expect(await statusOf(id)).toMatchObject({ status: 'down', reason: { code: 'timeout' } });
  });

  it('follows no loop', async () => {
    await switchOn();
    target.answer = (_, response) => response.writeHead(302, { location: '/' }).end();
    const id = await addCheck({ target: `${target.origin}/`, followRedirects: 3 });
    await minute();
    expect(await statusOf(id)).toMatchObject({ reason: { code: 'http.redirects' } });
    expect(target.asked).toHaveLength(8);
  });
});

describe('what the worker cannot do is refused where somebody asks it to', () => {
  it.each([
    [{ bodyMatch: 'a+' }, 'bodyMatch'],
    [{ headerMatch: ['x matches /a/'] }, 'headerMatch'],
    [{ jsonMatch: ['$.a matches /a/'] }, 'jsonMatch'],
    [{ verifyTls: false }, 'verifyTls'],
    [{ serverName: 'example.org' }, 'serverName'],
    [{ expiryDegraded: '3d' }, 'expiryDegraded'],
    [{ family: '6' }, 'family'],
    [{ version: '2' }, 'version'],
    [{ proxy: 'http://127.0.0.1:3128' }, 'proxy'],
    [{ headers: { Host: 'example.org' } }, 'headers'],
    [{ auth: 'bearer', token: 'secret:shop' }, 'token'],
    [{ interval: '20s' }, 'interval'],
    [{ interval: '2m', timeout: '40s' }, 'timeout'],
    [{ target: 'example.org' }, 'kind'],
    [{ target: 'example.org:25', send: 'EHLO' }, 'send'],
    [{ target: 'example.org:25', tls: 'smtp' }, 'tls'],
  ])('%j', async (fields, field) => {
    await switchOn();
    const check = { target: 'https://example.org/', locations: ['This worker'], ...fields };
    const answer = await api.post('/hosts', { name: 'x', checks: [check] });
    expect(errorsOf(answer)).toEqual([
      expect.stringMatching(new RegExp(`^checks\\[0\\]\\.${field}: .*This worker`)),
    ]);
  });

  it('and that it cannot tell when a certificate ends is said', async () => {
    await switchOn();
    const check = { target: 'https://example.org/', locations: ['This worker'] };
    const { body } = await api.post('/hosts', { name: 'x', checks: [check] });
    expect(body.warnings).toEqual([expect.stringContaining('cannot tell when it ends')]);
  });
});

describe('a worker whose own network is bad', () => {
  it('has no vote while nothing at all answers it', async () => {
    await switchOn();
    const other = await another('127.0.0.3');
    const ids = [
      await addCheck({ target: `${target.origin}/` }),
      await addCheck({ target: `${other.origin}/` }),
    ];
    await minute();
    await Promise.all([target.stop(), other.stop()]);
    await minute();
    for (const id of ids) {
      expect(await heldStatus(api.platform, id)).toBe('unknown');
      expect((await statusOf(id)).locations[0].missing).toBe('blind');
    }
    expect(await api.count('incident')).toBe(0);
    // People are told of that, after a minute, and when it is over.
    await minute();
    await minute();
    expect(await fleetEvents()).toEqual(['fleet.blind']);
    await other.restart();
    target = await startTarget();
    await minute();
    await minute();
    expect(await fleetEvents()).toEqual(['fleet.blind', 'fleet.sees']);
    expect(await heldStatus(api.platform, ids[1] as number)).toBe('up');
    expect(await heldStatus(api.platform, ids[0] as number)).toBe('down');
  });

  it('is quarantined when all it looks at fails for it while another location sees it up', async () => {
    await switchOn();
    const office = await api.runnerAt('Office');
    const ids: number[] = [];
    for (let i = 0; i < 6; i++) {
      const locations = ['Office', 'This worker'];
      ids.push(await addCheck({ target: `${target.origin}/${i}`, locations, policy: 'all' }));
    }
    target.answer = (_, response) => response.writeHead(403).end();
    for (let i = 0; i < 4; i++) {
      await minute();
      await office.post(ids.map((id) => result(id, api.platform.now())));
    }
    expect(await fleetEvents()).toEqual(['fleet.quarantined']);
    expect((await statusOf(ids[0] as number)).locations).toContainEqual(
      expect.objectContaining({ location: 'This worker', missing: 'quarantined' }),
    );
  });

  it('asks somebody who answered before it believes that the only one due is down', async () => {
    await switchOn();
    const other = await another('127.0.0.3');
    const often = await addCheck({ target: `${target.origin}/` });
    await addCheck({ target: `${other.origin}/`, interval: '1h' });
    await minute();
    await target.stop();
    await minute();
    expect(other.asked).toHaveLength(2);
    expect(await heldStatus(api.platform, often)).toBe('down');
    target = await startTarget();
  });

  it('is believed when it watches a single host: else nobody would ever hear of it', async () => {
    await switchOn();
    const id = await addCheck({ target: `${target.origin}/` });
    await minute();
    await target.stop();
    await minute();
    expect(await heldStatus(api.platform, id)).toBe('down');
    target = await startTarget();
  });

  it('is no runner: it is never silent, and nobody is told that it is', async () => {
    await switchOn();
    await addCheck({ target: `${target.origin}/`, interval: '1h' });
    await minute();
    for (let i = 0; i < 4; i++) await minute(120_000);
    expect(await api.rows(`select kind from event`)).toEqual([]);
    expect((await api.get('/status')).body.status).toBe('up');
    expect((await api.get('/runners')).body).toEqual({ runners: [] });
    expect(HERE).toBeLessThan(2 ** 20);
  });
});

it('its history is told like that of any place', async () => {
  await switchOn();
  const id = await addCheck({ target: `${target.origin}/` });
  for (let i = 0; i < 70; i++) await minute();
  const to = new Date(api.platform.now()).toISOString();
  const from = new Date(api.platform.now() - 3_600_000).toISOString();
  const { body } = await api.get(`/checks/${id}/series?from=${from}&to=${to}`);
  expect(body.locations).toEqual([expect.objectContaining({ name: 'This worker' })]);
  expect(body.locations[0].points.length).toBeGreaterThan(10);
});
