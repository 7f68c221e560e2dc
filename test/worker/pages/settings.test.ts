import { afterEach, beforeEach, expect, it } from 'vitest';
import { signedIn, Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';

let platform: TestPlatform;
let owner: Visitor;

beforeEach(async () => {
  platform = await testPlatform();
  owner = await signedIn(platform);
});

afterEach(() => platform.close());

it('changes the title for everyone', async () => {
  await owner.postAndFollow('/admin/settings', { title: 'Example & Co', flush: '30s' });
  const { html, text } = await new Visitor(platform).get('/');
  expect(html).toContain('<title>Example &amp; Co</title>');
  expect(text).toContain('Example & Co');
  expect((await owner.get('/admin/settings')).html).toMatch(/name="flush"[^>]*value="30s"/);
});

it('goes back to the usual pace when the field is emptied', async () => {
  await owner.postAndFollow('/admin/settings', { title: 'S', flush: '30s' });
  await owner.postAndFollow('/admin/settings', { title: 'S', flush: '' });
  expect((await owner.get('/admin/settings')).html).toMatch(/name="flush"[^>]*value=""/);
});

it('refuses a pace that is none, and keeps what was typed', async () => {
  const page = await owner.post('/admin/settings', { title: '', flush: 'often' });
  expect(page.status).toBe(400);
  expect(page.text).toContain('Title is empty');
  expect(page.text).toContain('"often" is not a duration');
  expect(page.html).toContain('value="often"');
});

it('shows a new token once', async () => {
  const made = await owner.post('/admin/tokens', { name: 'deploy-bot', scope: 'write' });
  const [token = ''] = /anyup_[\w-]{20,}|[\w-]{40,}(?=<\/code>)/.exec(made.html) ?? [];
  expect(token.length).toBeGreaterThan(20);
  expect(made.text).toContain('it is not shown again');
  const later = await owner.get('/admin/settings');
  expect(later.text).toContain('deploy-bot · reads and changes');
  expect(later.html).not.toContain(token);
  const revoked = await owner.postAndFollow('/admin/tokens/1/revoke');
  expect(revoked.text).not.toContain('deploy-bot · reads');
});

it('records who changed what', async () => {
  await owner.post('/admin/hosts', { target: 'example.org', name: '', group: '' });
  const { text } = await owner.get('/admin/settings');
  expect(text).toMatch(/host\.create host 1 \(example\.org\) by owner/);
});

it('says nothing that an address asks it to say', async () => {
  const { text } = await owner.get('/admin/hosts?said=Your+account+is+locked');
  expect(text).not.toContain('locked');
});
