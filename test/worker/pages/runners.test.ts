import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeRunner } from '#test/support/fakeRunner.ts';
import { signedIn, type Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';
import { tick } from '#worker/tick/tick.ts';

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
  expect(moved.text).toContain('Runners cellar-1');
  expect(moved.text).toContain('Location Cellar');
  const disabled = await owner.postAndFollow('/admin/runners/1/disable');
  expect(disabled.text).toContain('Disabled');
  const revoked = await owner.postAndFollow('/admin/runners/1/revoke');
  expect(revoked.text).toContain('No runner yet');
});

it('tells of one runner how it is, and why it has no vote', async () => {
  const { code } = await join('Attic');
  const runner = await FakeRunner.enrol(ask, { code, name: 'attic-1', now: platform.now });
  const at = platform.now() - 5000;
  await runner.post([], {
    health: {
      version: '9.9.9',
      skewMs: -4200,
      spoolDepth: 41,
      oldestSpooledAt: at,
      latenessP50Ms: 1.2,
      latenessP99Ms: 8.4,
      cpu: 0.031,
      rssBytes: 61_000_000,
      canaries: [
        { name: 'gateway 192.0.2.1', ok: false, counts: true, at },
        { name: 'outside 192.0.2.53:53', ok: false, counts: false, at: null },
      ],
      blindSinceAt: at,
      rejected: { count: 2, lastReason: '400 · level[0] is 7' },
    },
  });
  const { text } = await owner.get('/admin/runners/1');
  for (const words of [
    'Cut off from its network since',
    'Version 9.9.9, newer than this Anyup (0.1.0)',
    'Its clock 4 s behind; its readings are corrected',
    'Starts probes late by 1.2 ms in the middle, 99 of 100 within 8.4 ms',
    'Waiting to be sent 41 results, the oldest of 21 Nov 2026, 08:59 UTC',
    '2 batches that could not be read, the last because: 400 · level[0] is 7',
    'Processor 3.1 % of one core',
    'Memory 61 MB',
    'gateway 192.0.2.1 Silent',
    'does not count: no answer in 24 hours',
    '--rotate-key',
  ]) {
    expect(text).toContain(words);
  }
  const list = await owner.get('/admin/runners');
  expect(list.text).toContain('Cut off from its network since');
  expect(list.text).toContain('Refused: 2 batches');
  expect((await owner.get('/admin/runners/7')).status).toBe(404);
});

it('says when Anyup itself was away', async () => {
  await tick(platform);
  platform.advance(20 * 60_000);
  await tick(platform);
  expect((await owner.get('/admin/runners')).text).toContain('Anyup itself was not running from');
  platform.advance(3 * 60_000);
  expect((await owner.get('/admin/runners')).text).not.toContain('was not running');
});

it('disables a location and enables it again', async () => {
  await join('Attic');
  const off = await owner.postAndFollow('/admin/locations/1', { enabled: '' });
  expect(off.text).toContain('disabled, has no vote');
  const on = await owner.postAndFollow('/admin/locations/1', { enabled: 'yes' });
  expect(on.text).not.toContain('disabled, has no vote');
});
