// The worker's own looks as the pages offer them.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeRunner, makeJoinCode } from '#test/support/fakeRunner.ts';
import { signedIn, type Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';

let platform: TestPlatform;
let owner: Visitor;

beforeEach(async () => {
  platform = await testPlatform();
  owner = await signedIn(platform);
});

afterEach(() => platform.close());

async function aRunner(): Promise<void> {
  const code = await makeJoinCode(platform, { location: 'Office' });
  const ask = (path: string, init?: RequestInit) =>
    Promise.resolve(app.request(path, init, platform));
  await FakeRunner.enrol(ask, { code, now: platform.now, name: 'r' });
}

it('where no runner is, the page of hosts offers to look from the worker, and then says that it does', async () => {
  expect((await owner.get('/admin/hosts')).text).toContain('No runner looks at anything yet');
  const page = await owner.postAndFollow('/admin/settings/from-worker', {
    on: 'yes',
    next: 'hosts',
  });
  expect(page.text).toContain('The worker looks itself from now on');
  expect(page.text).toContain('is looked at by this worker, once a minute');
  await owner.postAndFollow('/admin/hosts', { target: 'https://example.org/' });
  expect((await owner.get('/admin/hosts/1')).text).toContain('This worker');
  await aRunner();
  expect((await owner.get('/admin/hosts')).html).not.toContain('id="nobody"');
});

it('the settings switch it on and off, and tell how much room there is before it is used up', async () => {
  expect((await owner.get('/admin/settings')).text).toContain('It is off.');
  const on = await owner.postAndFollow('/admin/settings/from-worker', { on: 'yes' });
  expect(on.text).toContain('It is asked for 0 checks: about 0 of the 300 looks a minute');
  await owner.postAndFollow('/admin/settings', { title: 'S', planWorker: 'workers_free' });
  await owner.postAndFollow('/admin/hosts', { target: 'https://example.org/' });
  for (const path of ['/admin/settings', '/admin/usage']) {
    expect((await owner.get(path)).text).toContain('1 check: about 1 of the 10 looks a minute');
  }
  const off = await owner.postAndFollow('/admin/settings/from-worker', { on: '' });
  expect(off.text).toContain('It is off.');
  expect((await owner.get('/admin/usage')).html).not.toContain('id="from-worker"');
});

it('the form of a check offers the worker among the places, and says what it cannot do', async () => {
  await aRunner();
  const before = await owner.get('/admin/hosts/new?kind=http');
  expect(before.text).not.toContain('This worker');
  await owner.postAndFollow('/admin/settings/from-worker', { on: 'yes' });
  const form = await owner.get('/admin/hosts/new?kind=http');
  expect(form.html).toMatch(/name="locations"[^>]*value="This worker"/);
  expect(form.text).toContain('It cannot tell when certificates end');
  expect((await owner.get('/admin/hosts/new?kind=icmp')).text).toContain(
    'This worker cannot look at checks of this kind.',
  );
  const typed = {
    kind: 'http',
    hostName: 'site',
    target: 'https://example.org/',
    where: 'some',
    locations: 'This worker',
    verifyTls: 'yes',
    family: '6',
  };
  const refused = await owner.post('/admin/hosts/new', typed);
  expect(refused.status).toBe(400);
  expect(refused.text).toContain('is nothing the worker can see or choose');
  const made = await owner.postAndFollow('/admin/hosts/new', { ...typed, family: 'any' });
  expect(made.text).toContain('The host is saved');
});

it('a check may be tried from the worker before it is saved', async () => {
  await owner.postAndFollow('/admin/settings/from-worker', { on: 'yes' });
  const alone = await owner.get('/admin/hosts/new?kind=http');
  expect(alone.html).toMatch(/<select[^>]*name="tryFrom"[^>]*><option value=""[^>]*>This worker</);
  await aRunner();
  const form = await owner.get('/admin/hosts/new?kind=http');
  expect(form.html).toContain('<option value="here">This worker</option>');
  expect((await owner.get('/admin/hosts/new?kind=icmp')).html).not.toContain('value="here"');
  const typed = { kind: 'http', target: 'http://10.0.0.1/', verifyTls: 'yes', tryFrom: 'here' };
  const refused = await owner.post('/admin/tries/check', typed);
  expect(refused.text).toContain('the worker itself looks at no other');
});

it('where only the worker can look, the form of an HTTP check has it ticked already', async () => {
  await owner.postAndFollow('/admin/settings/from-worker', { on: 'yes' });
  const { html } = await owner.get('/admin/hosts/new?kind=tcp');
  expect(html).toMatch(/value="some" checked/);
  expect(html).toMatch(/<input[^>]*value="This worker"[^>]*checked/);
});
