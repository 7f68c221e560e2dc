import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeRunner, makeJoinCode, result } from '#test/support/fakeRunner.ts';
import { signedIn, type Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';

let platform: TestPlatform;
let owner: Visitor;
let runner: FakeRunner;

beforeEach(async () => {
  platform = await testPlatform({ runtime: 'standalone', flushMs: 1000 });
  owner = await signedIn(platform);
  const ask = async (path: string, init?: RequestInit) => app.request(path, init, platform);
  const code = await makeJoinCode(platform, { location: 'Office' });
  runner = await FakeRunner.enrol(ask, { code, name: 'office-1', now: platform.now });
});

afterEach(async () => {
  await platform.settle();
  platform.close();
});

const TEXT = 'only files below /var/log may be looked at';

it('a check that its runner cannot measure says why on every page, and to its owner what to do', async () => {
  await owner.postAndFollow('/admin/hosts', { target: 'shop.example', name: '', group: '' });
  const unable = { level: null, rttUs: null, code: 'unable.files', text: TEXT };
  await runner.post([result(1, platform.now(), unable)]);
  await platform.settle();

  const { text } = await owner.get('/admin/hosts/1');
  expect(text).toContain(`Unknown: Office cannot measure it (${TEXT}).`);
  expect(text).toContain(`Unknown its runner cannot measure it: ${TEXT}`);
  expect(text).toContain('Its owner names the folders that checks may read');

  const own = await owner.get(`/admin/runners/${runner.id}`);
  expect(own.text).toContain('What it cannot measure');
  expect(own.text).toContain(`shop.example shop.example ${TEXT} Its owner names the folders`);

  const anyone = await (await app.request('/hosts/1', {}, platform)).text();
  expect(anyone).toContain('the runner may not look into that folder');
  expect(anyone).not.toContain('/var/log');
  const status = await (await app.request('/api/v1/status', {}, platform)).json();
  expect(status).toMatchObject({
    hosts: [{ checks: [{ locations: [{ missing: 'unable', reason: { code: 'unable.files' } }] }] }],
  });

  await runner.post([result(1, platform.now() + 1)]);
  await platform.settle();
  for (const page of ['/admin/hosts/1', `/admin/runners/${runner.id}`]) {
    expect((await owner.get(page)).text).not.toContain('cannot measure');
  }
});
