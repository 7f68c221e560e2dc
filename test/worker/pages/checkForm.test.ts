// The form of a check with many fields: folded by topic, secrets written only, tried from where one likes.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeRunner, makeJoinCode } from '#test/support/fakeRunner.ts';
import { signedIn, type Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';

let platform: TestPlatform;
let owner: Visitor;

const PATH = '/admin/hosts/1/checks/1';
const FORM = {
  kind: 'http',
  target: 'https://example.org/',
  verifyTls: 'yes',
  cookies: 'yes',
  interval: '30s',
  policy: 'any',
  where: 'all',
};

beforeEach(async () => {
  platform = await testPlatform({ runtime: 'standalone', flushMs: 1000 });
  owner = await signedIn(platform);
  await owner.post('/admin/hosts', { target: 'https://example.org/', name: 'Shop', group: '' });
});

afterEach(async () => {
  await platform.settle();
  platform.close();
});

async function runnerIn(location: string): Promise<FakeRunner> {
  const ask = (path: string, init?: RequestInit) =>
    Promise.resolve(app.request(path, init, platform));
  const code = await makeJoinCode(platform, { location });
  return FakeRunner.enrol(ask, { code, name: `${location}-1`, now: platform.now });
}

async function stored(): Promise<Record<string, unknown>> {
  const { rows } = await platform.db.$client.execute('select config from check_ where id = 1');
  return JSON.parse(String(rows[0]?.config));
}

describe('the form of an HTTP check', () => {
  it('folds what is seldom needed by topic, and says of each part what is set in it', async () => {
    await owner.postAndFollow(PATH, {
      ...FORM,
      method: 'POST',
      headers: 'X-A: 1',
      version: 'auto',
    });
    const { html, text } = await owner.get(PATH);
    const folded = [...html.matchAll(/<details class="fieldset"[^>]*><summary>([^<]*)/g)];
    expect(folded.map(([, title]) => title)).toEqual([
      'Body and headers of the answer',
      'Request',
      'Credentials',
      'Certificates',
      'Connection and redirects',
      'How often, and how sure',
      'From where, and who decides',
    ]);
    expect(html).not.toMatch(/<details class="fieldset" open[^>]*><summary>Request/);
    expect(text).toContain('Request Method, Headers');
    expect(text).toContain('Connection and redirects HTTP version');
  });

  it('opens the part in which something is wrong', async () => {
    const page = await owner.post(PATH, {
      ...FORM,
      auth: 'basic',
      jsonMatch: '$.a == 1\n$.b = 2',
    });
    expect(page.status).toBe(400);
    expect(page.html).toMatch(/<details class="fieldset" open[^>]*><summary>Credentials/);
    expect(page.text).toContain('User name is missing; "basic" needs it');
    expect(page.text).toContain('"$.b = 2", at character 5: "=" is no comparison');
  });

  it('never shows a secret, and keeps it while the field stays empty', async () => {
    const secrets = { auth: 'basic', username: 'me', password: 'hunter2' };
    await owner.postAndFollow(PATH, { ...FORM, ...secrets });
    expect(await stored()).toMatchObject({ password: 'hunter2' });
    const { html } = await owner.get(PATH);
    expect(html).not.toContain('hunter2');
    expect(html).toContain('stored; leave empty to keep it');
    await owner.postAndFollow(PATH, { ...FORM, auth: 'basic', username: 'you', password: '' });
    expect(await stored()).toMatchObject({ username: 'you', password: 'hunter2' });
    const refused = await owner.post(PATH, { ...FORM, ...secrets, interval: 'x' });
    expect(refused.html).not.toContain('hunter2');
  });

  it('takes a timetable, tags and "must not answer", and shows them again', async () => {
    const page = await owner.postAndFollow(PATH, {
      ...FORM,
      cron: '*/5 8-18 * * 1-5',
      zone: 'Europe/Berlin',
      tags: 'edge, tls',
      invert: 'yes',
    });
    expect(page.text).toContain('at */5 8-18 * * 1-5 (Europe/Berlin)');
    const { html } = await owner.get(PATH);
    expect(html).toMatch(/name="interval"[^>]*value=""/);
    expect(html).toMatch(/name="tags"[^>]*value="edge, tls"/);
    expect(html).toMatch(/name="invert"[^>]*checked/);
    await owner.postAndFollow(PATH, { ...FORM, cron: '', zone: '' });
    const back = await owner.get('/admin/hosts/1');
    expect(back.text).toContain('every 30s');
  });
});

describe('a new host with all settings', () => {
  it('is made in one form, which stays as typed when something is wrong', async () => {
    const { text } = await owner.get('/admin/hosts');
    expect(text).toContain('With all settings: HTTP(S) · TCP port');
    const wrong = { ...FORM, hostName: '', jsonMatch: '$.a = 1' };
    const refused = await owner.post('/admin/hosts/new', wrong);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('2 fields are not right');
    expect(refused.text).toMatch(/Name of the host (is|must)/);
    const right = { ...FORM, hostName: 'Second', group: 'Web', jsonMatch: '$.a == 1' };
    const made = await owner.postAndFollow('/admin/hosts/new', right);
    expect(made.text).toContain('The host is saved.');
    const { html } = await owner.get('/admin/hosts/2/checks/2');
    expect(html).toContain('$.a == 1</textarea>');
    expect((await owner.get('/admin/hosts/new?kind=nothing')).status).toBe(404);
  });
});

describe('trying a check from its form', () => {
  it('asks the runner that was chosen, with the secrets that are stored', async () => {
    const [home, office] = [await runnerIn('Home'), await runnerIn('Office')];
    await owner.postAndFollow(PATH, {
      ...FORM,
      auth: 'bearer',
      token: 'hunter2',
    });
    const asked = await owner.post('/admin/tries/check', {
      ...FORM,
      ...{ auth: 'bearer', token: '', tryFrom: '2', hostId: '1', checkId: '1' },
    });
    expect(asked.status).toBe(303);
    expect(((await (await home.post([])).json()) as { asks: unknown[] }).asks).toEqual([]);
    const { asks } = (await (await office.post([])).json()) as {
      asks: Array<{ id: string; config: Record<string, unknown> }>;
    };
    expect(asks[0]?.config).toMatchObject({ auth: 'bearer', token: 'hunter2' });

    const answer = {
      measurement: { level: 400, rttUs: 5000, code: 'http.json', text: 'expected $.a == 1' },
      findings: [
        { name: 'Status', ok: true, expected: '200-399', got: '200' },
        { name: 'JSON', ok: false, expected: '$.a == 1', got: '<b>2</b>' },
      ],
      certificate: 'subject: CN=example.org\nnames: DNS:example.org',
    };
    const headers = { 'content-type': 'application/json' };
    const body = new TextEncoder().encode(JSON.stringify(answer));
    await office.call('POST', `/api/v1/runner/asks/${asks[0]?.id}`, body, { headers });
    const { text, html } = await owner.get(asked.location ?? '');
    expect(text).toContain('yes Status 200-399 200');
    expect(text).toContain('no JSON $.a == 1 <b>2</b>');
    expect(html).not.toContain('<b>2</b>');
    expect(text).toContain('The certificate Subject CN=example.org Names DNS:example.org');
  });
});
