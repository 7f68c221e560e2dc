// What every runtime promises, asked over HTTP: Node and Bun on an embedded file, real workerd on real sqld.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ask, FakeRunner, result } from '#test/support/fakeRunner.ts';
import { API_KEY, type FakeResend, startResend } from '#test/support/fakes/resend.ts';
import {
  BOT_TOKEN,
  CHAT_ID,
  type FakeTelegram,
  startTelegram,
} from '#test/support/fakes/telegram.ts';
import { RUNTIMES, type RunningServer, type RuntimeName } from '#test/support/servers.ts';
import { until } from '#test/support/until.ts';

const BAD = { level: 500, rttUs: null, code: 'connect.refused', text: 'refused' };

interface StatusAnswer {
  status: string;
  hosts: Array<{
    id: number;
    status: string;
    checks: Array<{ id: number; target: string; status: string; sentence: string; rttUs: number }>;
  }>;
}

describe.each(Object.keys(RUNTIMES) as RuntimeName[])('Anyup on %s', (runtime) => {
  let server: RunningServer;
  let ask: Ask;
  let telegram: FakeTelegram;
  let resend: FakeResend;
  beforeAll(async () => {
    [telegram, resend] = await Promise.all([startTelegram(), startResend()]);
    server = await RUNTIMES[runtime]({
      TELEGRAM_API_URL: telegram.url,
      RESEND_BASE_URL: resend.url,
    });
    ask = (path, init) => fetch(`${server.baseUrl}${path}`, { redirect: 'manual', ...init });
  });
  afterAll(async () => {
    await server?.stop();
    await Promise.all([telegram.close(), resend.close()]);
  });

  async function call(method: string, path: string, body?: unknown, key = server.accessKey) {
    const answer = await ask(`/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
  }

  async function runnerAt(location: string): Promise<FakeRunner> {
    const { body } = await call('POST', '/join-codes', { location });
    return FakeRunner.enrol(ask, { code: body.code, name: `runner in ${location}` });
  }

  /** A host with one check, looked at from the named locations only. */
  async function addHost(name: string, locations: string[]) {
    const checks = [{ target: 'https://example.org/', locations }];
    const { status, body } = await call('POST', '/hosts', { name, checks });
    expect({ status, body }).toMatchObject({ status: 201 });
    return { hostId: body.host.id as number, checkId: body.host.checks[0].id as number };
  }

  async function statusOf(hostId: number, key = server.accessKey) {
    const { body } = await call('GET', '/status', undefined, key);
    return (body as StatusAnswer).hosts.find(({ id }) => id === hostId);
  }

  async function form(path: string, fields: Record<string, string>, cookie = '') {
    return ask(path, {
      method: 'POST',
      headers: {
        origin: server.baseUrl,
        'content-type': 'application/x-www-form-urlencoded',
        ...(cookie && { cookie }),
      },
      body: new URLSearchParams(fields).toString(),
    });
  }

  it('says it is well, and that its clockwork goes', async () => {
    await server.tick();
    const answer = await ask('/healthz');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ status: 'ok', database: 'ok', tick: 'ok' });
  });

  it('answers the status as JSON and the page as HTML, to anyone', async () => {
    expect(await (await ask('/api/v1/status')).json()).toMatchObject({ hosts: expect.any(Array) });
    const page = await ask('/');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toMatch(/^<!doctype html>/i);
  });

  it('serves the assets a page names, for ever', async () => {
    const html = await (await ask('/')).text();
    const [, path = ''] = /href="(\/assets\/[^"]+\.css)"/.exec(html) ?? [];
    const asset = await ask(path);
    expect(asset.status).toBe(200);
    expect(asset.headers.get('content-type')).toMatch(/^text\/css/);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await ask('/assets/nothing.css')).status).toBe(404);
  });

  it('answers 404 with a problem to what is not there', async () => {
    const answer = await ask('/api/v1/nothing');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ status: 404, code: 'not_found' });
    expect((await ask('/nothing/here')).status).toBe(404);
  });

  it('signs the owner in by the access key, and out again', async () => {
    expect((await form('/sign-in', { key: 'wrong-Key_9QpZx1LmNa7RwYb2C' })).status).toBe(401);
    const signedIn = await form('/sign-in', { key: server.accessKey });
    expect(signedIn.status).toBe(303);
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect((await ask('/admin/hosts', { headers: { cookie } })).status).toBe(200);
    expect((await form('/sign-out', {}, cookie)).status).toBe(303);
    expect((await ask('/admin/hosts', { headers: { cookie } })).status).not.toBe(200);
  });

  it('signs the owner in by a one-time link, once', async () => {
    const link = await server.signInLink();
    const secret = link.slice(link.indexOf('#') + 1);
    expect((await form('/sign-in', { link: secret })).status).toBe(303);
    expect((await form('/sign-in', { link: secret })).status).toBe(401);
  });

  it('refuses the admin API without a key, and with a wrong one', async () => {
    expect((await ask('/api/v1/hosts')).status).toBe(401);
    const { status, body } = await call('GET', '/hosts', undefined, 'wrong-Key_9QpZx1LmNa7RwYb2C');
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'unauthenticated' });
  });

  it('adds a host from a target alone, and removes it', async () => {
    const { status, body } = await call('POST', '/hosts', { target: 'https://example.org/' });
    expect(status).toBe(201);
    expect(body.host.checks).toMatchObject([{ kind: 'http', target: 'https://example.org/' }]);
    expect((await call('DELETE', `/hosts/${body.host.id}`)).status).toBe(204);
    expect((await call('GET', `/hosts/${body.host.id}`)).status).toBe(404);
  });

  it('names each field of a host that is not right, and writes nothing', async () => {
    const before = (await call('GET', '/hosts')).body.hosts.length;
    const { status, body } = await call('POST', '/hosts', {
      name: 'Wrong',
      checks: [{ target: 'https://example.org/', interval: '5 parsecs' }],
    });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_input' });
    expect(body.errors).toMatchObject([
      { path: 'checks[0].interval', message: expect.stringContaining('5 parsecs') },
    ]);
    expect((await call('POST', '/hosts', {})).body.errors[0].path).toBe('target');
    expect((await call('GET', '/hosts')).body.hosts).toHaveLength(before);
  });

  it('lets a runner join with a code, once', async () => {
    const { body } = await call('POST', '/join-codes', { location: 'Attic' });
    const runner = await FakeRunner.enrol(ask, { code: body.code, name: 'one' });
    expect(runner.location).toBe('Attic');
    await expect(FakeRunner.enrol(ask, { code: body.code })).rejects.toThrow(/403.*bad_code/);
  });

  it('tells a runner its checks, and takes its word for them', async () => {
    const cellar = await runnerAt('Cellar');
    const { hostId, checkId } = await addHost('From the cellar', ['Cellar']);
    const { checks, full } = await cellar.assignments();
    expect(full).toBe(true);
    const [check] = checks.filter(({ id }) => id === checkId);
    expect(check).toMatchObject({ config: { kind: 'http', target: 'https://example.org/' } });
    const { shard = 0, rev = 1 } = check ?? {};
    const posted = await cellar.post([result(checkId, Date.now(), { rev })], { shard, gzip: true });
    expect(posted.status).toBe(200);
    expect(await posted.json()).toMatchObject({ seq: 1, dropped: 0, asks: [] });
    expect(await statusOf(hostId)).toMatchObject({
      status: 'up',
      checks: [{ id: checkId, target: 'https://example.org/', sentence: expect.any(String) }],
    });
  });

  it('shows addresses to no stranger', { timeout: 60_000 }, async () => {
    await runnerAt('Lab');
    const { hostId } = await addHost('Secret place', ['Lab']);
    const look = async () => {
      const { hosts } = (await (await ask('/api/v1/status')).json()) as StatusAnswer;
      return hosts.find(({ id }) => id === hostId);
    };
    // What anyone sees may be a few seconds old.
    const host = await until(look, (found) => found !== undefined);
    expect(host?.checks[0]?.target).toBe('');
    expect(await (await ask(`/hosts/${hostId}`)).text()).not.toContain('example.org');
  });

  it('keeps a check up while anyone reaches it, and down when nobody does', async () => {
    const [north, south] = [await runnerAt('North'), await runnerAt('South')];
    const { hostId, checkId } = await addHost('Two sides', ['North', 'South']);
    const at = Date.now();
    await north.post([result(checkId, at)]);
    await south.post([result(checkId, at, BAD), result(checkId, at + 1, BAD)]);
    expect((await statusOf(hostId))?.checks[0]).toMatchObject({
      status: 'up',
      sentence: 'up, but not from South',
    });
    await north.post([result(checkId, at + 2, BAD), result(checkId, at + 3, BAD)]);
    expect(await statusOf(hostId)).toMatchObject({ status: 'down' });
    const { body } = await call('GET', '/incidents');
    expect(body.incidents).toMatchObject([{ closedAt: null }]);
    await south.post([result(checkId, at + 4)]);
    expect(await statusOf(hostId)).toMatchObject({ status: 'up' });
  });

  it('hears a job that calls, by any method, and says when it failed', async () => {
    const { body } = await call('POST', '/hosts', { target: 'heartbeat:nightly backup' });
    const { pathname } = new URL(body.host.heartbeats[0].url);
    const head = await ask(pathname, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(await statusOf(body.host.id)).toMatchObject({ status: 'up' });
    const answer = await ask(`${pathname}/3`, { method: 'POST', body: 'disk full' });
    expect([answer.status, await answer.text()]).toEqual([200, 'OK\n']);
    expect(await statusOf(body.host.id)).toMatchObject({ status: 'down' });
    expect((await ask(pathname)).status).toBe(200);
    expect(await statusOf(body.host.id)).toMatchObject({ status: 'up' });
    const { body: host } = await call('GET', `/hosts/${body.host.id}`);
    expect(host.heartbeats[0].body).toBe('disk full');
    expect((await ask(`/beat/${'x'.repeat(24)}`)).status).toBe(404);
  });

  it('keeps what a runner saw with the incident, once, for who is signed in', async () => {
    const runner = await runnerAt('Evidence');
    const { checkId: check } = await addHost('Seen', ['Evidence']);
    const at = Date.now() - 2000;
    await runner.post([result(check, at - 1000)]);
    expect((await runner.post([result(check, at, BAD), result(check, at + 1, BAD)])).status).toBe(
      200,
    );
    for (let n = 0; n < 2; n++) {
      expect(await runner.evidence(check, at)).toEqual({ status: 200, stored: true });
    }
    const { body } = await call('GET', '/incidents');
    const incident = body.incidents.find(({ checkId }: { checkId: number }) => checkId === check);
    const seen = await call('GET', `/incidents/${incident.id}`);
    expect(seen.body.evidence).toHaveLength(1);
    expect(seen.body.evidence[0]).toMatchObject({ location: 'Evidence', turn: 'failure' });
    const page = await ask(`/admin/incidents/${incident.id}`, { headers: { accept: 'text/html' } });
    expect(page.status).toBe(303);
  });

  it('takes a repeated post once', async () => {
    const shed = await runnerAt('Shed');
    const { checkId } = await addHost('Repeated', ['Shed']);
    const at = Date.now();
    const body = {
      ...{ v: 1, sentAt: at, configVersion: 0, lost: 0, base: at, check: [checkId], rev: [1] },
      ...{ at: [0], level: [100], rttUs: [900], flags: [0], reason: [-1], reasons: [] },
    };
    const first = await shed.post([], { body, seq: 1 });
    const again = await shed.post([], { body, seq: 1 });
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(await again.json()).toMatchObject({ seq: 1 });
    const other = await shed.post([], { body: { ...body, rttUs: [901] }, seq: 1 });
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ code: 'sequence', seq: 1 });
  });

  it('refuses a batch with one bad column whole, and a forged one', async () => {
    const barn = await runnerAt('Barn');
    const { checkId } = await addHost('Guarded', ['Barn']);
    const at = Date.now();
    const bad = await barn.post([result(checkId, at, { level: 42 })]);
    expect(bad.status).toBe(400);
    expect(await bad.json()).toMatchObject({ errors: [{ path: 'level[0]' }] });
    const forged = await barn.post([result(checkId, at)], { claims: { body: 'x'.repeat(43) } });
    expect(forged.status).toBe(401);
    expect((await barn.post([result(checkId, at)])).status).toBe(200);
  });

  it('knows what it has used where rows are billed, and takes its own backup back', async () => {
    const { body: usage } = await call('GET', '/usage');
    expect(usage.today.counted.requests).toBeGreaterThan(5);
    expect(usage.billed).toBe(runtime === 'workerd');
    expect(usage.today.counted.rowsWritten > 0).toBe(usage.billed);
    const headers = { authorization: `Bearer ${server.accessKey}` };
    const backup = await (await ask('/api/v1/backup?full', { headers })).text();
    const body = new Blob([backup]).stream();
    const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    const restored = await (await ask('/api/v1/backup', init)).json();
    expect(restored).toMatchObject({ history: { complete: true, skipped: 0 } });
  });

  it.each([
    ['telegram', { token: BOT_TOKEN, chatId: CHAT_ID }, () => telegram.messages],
    [
      'email',
      { apiKey: API_KEY, from: 'anyup@example.org', to: ['ops@example.org'] },
      () => resend.mails,
    ],
  ])('sends a test by %s, and gives the receipt', async (kind, settings, arrived) => {
    const made = await call('POST', '/channels', { name: kind, kind, settings });
    expect(made).toMatchObject({ status: 201 });
    const { status, body } = await call('POST', `/channels/${made.body.id}/test`);
    expect({ status, body }).toMatchObject({ status: 200, body: { ok: true } });
    expect(arrived()).toHaveLength(1);
    await call('DELETE', `/channels/${made.body.id}`);
  });
});
