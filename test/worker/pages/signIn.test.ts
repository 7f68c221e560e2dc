import { afterEach, beforeEach, expect, it } from 'vitest';
import { signedIn, Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { createSignInLink } from '#worker/auth/signIn.ts';
import { sha256 } from '#worker/crypto/hash.ts';

const KEY = 'Zk3v9QmT7xLr2WcB8nYp4H';
let platform: TestPlatform;
let visitor: Visitor;

beforeEach(async () => {
  platform = await testPlatform({ accessKeyHash: await sha256(KEY) });
  visitor = new Visitor(platform);
});

afterEach(() => platform.close());

it('sends who is not signed in to the sign-in page, and back afterwards', async () => {
  const { status, location } = await visitor.get('/admin/runners');
  expect([status, location]).toEqual([303, '/sign-in?next=%2Fadmin%2Frunners']);
  const form = await visitor.get('/sign-in?next=%2Fadmin%2Frunners');
  expect(form.html).toContain('name="next" value="/admin/runners"');
  const done = await visitor.post('/sign-in', { key: KEY, next: '/admin/runners' });
  expect([done.status, done.location]).toEqual([303, '/admin/runners']);
  expect((await visitor.get('/admin/runners')).status).toBe(200);
});

it('goes nowhere but to its own pages after signing in', async () => {
  for (const next of ['https://evil.example/', '//evil.example', '/admin/../../x', '/other']) {
    const { location } = await new Visitor(platform).post('/sign-in', { key: KEY, next });
    expect(location).toBe('/admin/hosts?said=signed.in');
  }
});

it('says plainly that a key is wrong and does not repeat it', async () => {
  const page = await visitor.post('/sign-in', { key: 'Wr0ngWr0ngWr0ngWr0ng12' });
  expect(page.status).toBe(401);
  expect(page.text).toContain('This is not the access key.');
  expect(page.html).not.toContain('Wr0ng');
});

it('takes a pasted link once, whole or only its code', async () => {
  const { url } = await createSignInLink(platform);
  const first = await visitor.post('/sign-in', { link: url.slice(url.indexOf('#') + 1) });
  expect(first.status).toBe(303);
  const second = await new Visitor(platform).post('/sign-in', { link: url });
  expect(second.status).toBe(401);
  expect(second.text).toContain('used up or has expired');
});

it('burns no link by looking at the page', async () => {
  const { url } = await createSignInLink(platform);
  await visitor.get('/sign-in');
  expect((await visitor.post('/sign-in', { link: url })).status).toBe(303);
});

it('refuses a form that another site posts', async () => {
  const owner = await signedIn(platform);
  const page = await owner.post('/admin/hosts', { target: 'example.org' }, 'https://evil.example');
  expect(page.status).toBe(403);
  expect((await owner.get('/admin/hosts')).text).not.toContain('example.org Ping');
});

it('ends the session on signing out', async () => {
  const owner = await signedIn(platform);
  const out = await owner.postAndFollow('/sign-out');
  expect(out.text).toContain('You are signed out.');
  expect((await owner.get('/admin/hosts')).status).toBe(303);
});
