import { afterEach, beforeEach, expect, it } from 'vitest';
import { signedIn, type Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';

let platform: TestPlatform;
let owner: Visitor;

beforeEach(async () => {
  platform = await testPlatform();
  owner = await signedIn(platform);
});
afterEach(() => platform.close());

async function hostsNow(): Promise<number> {
  const { rows } = await platform.db.$client.execute('select count(*) as n from host');
  return Number(rows[0]?.n);
}

it('takes a backup out and puts it back, showing first what it would change', async () => {
  await owner.post('/admin/hosts', { target: 'https://shop.example/', name: 'Shop', group: 'Web' });
  const { html: text } = await owner.get('/api/v1/backup');
  await owner.post('/admin/hosts/1/delete');
  await owner.post('/admin/hosts', { target: 'mine.example' });

  const preview = await owner.upload('/admin/backup', { replace: 'yes' }, text);
  expect(preview.text).toContain('Nothing is changed yet.');
  expect(preview.text).toContain('Removed (1) mine.example host');
  expect(preview.text).toContain('Web / Shop: https://shop.example/ check');
  expect(await hostsNow()).toBe(1);

  const [, document = ''] = /<textarea[^>]*>([\s\S]*?)<\/textarea>/.exec(preview.html) ?? [];
  const sent = document.replaceAll('&quot;', '"').replaceAll('&amp;', '&').trim();
  const done = await owner.postAndFollow('/admin/backup', {
    document: sent,
    replace: 'yes',
    sure: 'yes',
  });
  expect(done.text).toContain('The backup is restored.');
  expect((await owner.get('/admin/hosts')).text).toContain('Shop');
  expect((await owner.get('/admin/hosts')).text).not.toContain('mine.example');
});

it('says so when everything is there already', async () => {
  const { html: text } = await owner.get('/api/v1/backup?full');
  const preview = await owner.upload('/admin/backup', {}, text);
  expect(preview.text).toContain('Everything in it is here already: nothing would change.');
  expect(preview.html).not.toContain('name="sure"');
});

it('refuses a file that is no backup, and one with a fault by its field', async () => {
  const none = await owner.upload('/admin/backup', {}, 'PK binary');
  expect(none.status).toBe(400);
  expect(none.text).toContain('file is not a backup of Anyup');
  const broken = JSON.stringify({ anyup: 'backup', version: 1, hosts: [{ id: 1, checks: [] }] });
  expect((await owner.upload('/admin/backup', {}, broken)).text).toContain(
    'hosts[0].name is missing',
  );
});

it('takes a file of a thousand hosts, which other forms would not', async () => {
  const hosts = Array.from({ length: 1000 }, (_, n) => ({
    id: n + 1,
    name: `Host ${n + 1}`,
    checks: [{ id: n + 1, target: `https://host-${n + 1}.example/${'x'.repeat(200)}` }],
  }));
  const text = JSON.stringify({ anyup: 'backup', version: 1, hosts });
  expect(text.length).toBeGreaterThan(256 * 1024);
  const preview = await owner.upload('/admin/backup', {}, text);
  expect(preview.text).toContain('Added (2000)');
  const done = await owner.upload('/admin/backup', { document: text, sure: 'yes' });
  expect(done.status).toBe(303);
  expect(await hostsNow()).toBe(1000);
});
