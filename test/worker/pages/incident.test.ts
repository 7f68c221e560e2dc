// `/admin/incidents/:id`: what runners saw, for who is signed in.
import { expect, it } from 'vitest';
import { withApi } from '#test/support/api.ts';
import { evidencePack, result } from '#test/support/fakeRunner.ts';
import { signedIn, Visitor } from '#test/support/pages.ts';
import { seedChecks } from '#test/support/seed.ts';

const api = withApi();
const bad = { level: 500, rttUs: null, code: 'http.status', text: 'HTTP 500' };

/** A shop that was down for two minutes, with what its runner saw. */
async function outage(): Promise<void> {
  const { platform } = api;
  const runner = await api.runnerAt('Home');
  const [id = 0] = await seedChecks(platform, { host: 'Shop' });
  await runner.post([result(id, platform.now())]);
  platform.advance(60_000);
  const at = platform.now();
  await runner.post([result(id, at, bad), result(id, at + 1, bad)]);
  const { seen } = evidencePack(id, at);
  await runner.evidence(id, at, { seen: { ...seen, route: ['10.0.0.1', null, '192.0.2.7'] } });
  platform.advance(120_000);
  await runner.post([result(id, platform.now())]);
  await runner.evidence(id, platform.now(), {
    turn: 'recovery',
    level: 100,
    code: 'ok',
    text: '',
    seen: {
      addresses: ['10.0.0.7'],
      peer: '10.0.0.7',
      chain: [],
      response: {
        version: 'HTTP/2',
        status: 200,
        headers: [['server', 'nginx']],
        body: { bytes: 5120, withheld: 'private' },
      },
    },
  });
}

it('shows by location where the runner went, the certificates, the head and the body', async () => {
  await outage();
  const owner = await signedIn(api.platform);
  const { text, html } = await owner.get('/admin/incidents/1');
  expect(text).toContain('Shop down for 2 min');
  expect(text).toContain('Home: first failure');
  expect(text).toContain('Resolved to 192.0.2.7, 2001:db8::7');
  expect(text).toContain('Talked to 192.0.2.7 Way there 10.0.0.1 → * → 192.0.2.7');
  expect(text).toContain('CN=example.org 30 days left then, until 21 Dec 2026, 21:01 UTC.');
  expect(text).toContain('Signed by CN=Some CA, O=Some for example.org, www.example.org');
  expect(html).toContain('HTTP/1.1 500\nserver: nginx\ncontent-type: text/plain');
  expect(html).toContain('<pre>database is read-only</pre>');
  expect(text).toContain('Home: recovery');
  expect(text).toContain('5120 bytes: not sent: it came from a private address');
  expect(html).toMatch(/<time datetime="2026-11-21T09:01:00Z"/);
});

it('is linked from the history and the host for who is signed in, and for nobody else', async () => {
  await outage();
  const owner = await signedIn(api.platform);
  const anyone = new Visitor(api.platform);
  for (const path of ['/history', '/hosts/1']) {
    expect((await owner.get(path)).html).toContain('href="/admin/incidents/1"');
    const { html } = await anyone.get(path);
    expect(html).not.toContain('/admin/incidents');
    expect(html).not.toMatch(/read-only|192\.0\.2\.7|CN=/);
  }
  expect(await anyone.get('/admin/incidents/1')).toMatchObject({ status: 303 });
});

it('says so where there is none, and where there is no such incident', async () => {
  await outage();
  await api.platform.db.$client.execute('delete from evidence');
  const owner = await signedIn(api.platform);
  expect((await owner.get('/admin/incidents/1')).text).toContain('No runner sent evidence');
  expect((await owner.get('/admin/incidents/7')).status).toBe(404);
});
