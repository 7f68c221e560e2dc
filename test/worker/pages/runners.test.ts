import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeRunner } from '#test/support/fakeRunner.ts';
import { signedIn, type Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';

let platform: TestPlatform;
let owner: Visitor;

beforeEach(async () => {
  platform = await testPlatform({ loopbackOnly: true, url: 'http://127.0.0.1:8787' });
  owner = await signedIn(platform);
});

afterEach(async () => {
  await platform.settle();
  platform.close();
});

const ask = (path: string, init?: RequestInit) =>
  Promise.resolve(app.request(path, init, platform));

async function join(location: string): Promise<{ html: string; text: string; code: string }> {
  const page = await owner.post('/admin/runners/join', { name: 'attic-1', location });
  const [, code = ''] = /--join ([\w-]+)/.exec(page.text) ?? [];
  return { ...page, code };
}

it('shows one command to paste, the container form, and how to be reachable at all', async () => {
  const { text, code } = await join('Attic');
  expect(text).toContain(`npm run runner -- --url http://127.0.0.1:8787 --join ${code}`);
  expect(text).toContain('docker run');
  expect(text).toMatch(/this machine (only|can reach Anyup)/i);
  expect(text).toContain('HOST=0.0.0.0');
  expect((await owner.get('/admin/runners')).html).not.toContain(code);
});

it('says by itself that the runner has arrived and reports', async () => {
  const { html, code } = await join('Attic');
  const [, path = ''] = /data-refresh-from="([^"]+)"/.exec(html) ?? [];
  const address = path.replaceAll('&amp;', '&');
  expect((await owner.get(address)).text).toContain('Waiting for the runner');
  const runner = await FakeRunner.enrol(ask, { code, name: 'attic-1', now: platform.now });
  expect((await owner.get(address)).text).toContain(
    'attic-1 has arrived in Attic; its first results',
  );
  await runner.post([]);
  const { text, html: last } = await owner.get(address);
  expect(text).toContain('attic-1 has arrived in Attic and reports.');
  expect(last).not.toMatch(/id="arrival"[^>]*data-refresh/);
});

it('says when the code has expired', async () => {
  const { html } = await join('Attic');
  const [, path = ''] = /data-refresh-from="([^"]+)"/.exec(html) ?? [];
  platform.advance(16 * 60_000);
  expect((await owner.get(path.replaceAll('&amp;', '&'))).text).toContain('The code has expired');
});

it('asks for the location of a new runner', async () => {
  const page = await owner.post('/admin/runners/join', { name: 'attic-1', location: ' ' });
  expect(page.status).toBe(400);
  expect(page.text).toContain('Location is empty');
  expect(page.html).toContain('value="attic-1"');
});

it('lists runners with how they ping, or why they cannot, and lets them be changed', async () => {
  const { code } = await join('Attic');
  await FakeRunner.enrol(ask, {
    code,
    name: 'attic-1',
    now: platform.now,
    capabilities: { icmp: null, icmpReason: 'ping_group_range is "1 0"' },
  });
  const { text } = await owner.get('/admin/runners');
  expect(text).toContain('attic-1 Attic · 0 checks · version 0.0.0-test');
  expect(text).toContain('Not heard yet');
  expect(text).toContain('Cannot ping');
  expect(text).toContain('ping_group_range is "1 0"');
  const moved = await owner.postAndFollow('/admin/runners/1', {
    name: 'cellar-1',
    location: 'Cellar',
  });
  expect(moved.text).toContain('cellar-1 Cellar');
  const disabled = await owner.postAndFollow('/admin/runners/1/disable');
  expect(disabled.text).toContain('Disabled');
  const revoked = await owner.postAndFollow('/admin/runners/1/revoke');
  expect(revoked.text).toContain('No runner yet');
});

it('disables a location and enables it again', async () => {
  await join('Attic');
  const off = await owner.postAndFollow('/admin/locations/1', { enabled: '' });
  expect(off.text).toContain('disabled, has no vote');
  const on = await owner.postAndFollow('/admin/locations/1', { enabled: 'yes' });
  expect(on.text).not.toContain('disabled, has no vote');
});
