import { afterEach, beforeEach, expect, it } from 'vitest';
import { signedIn, type Visitor } from '#test/support/pages.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';

const TOKEN = '987654321:BBnotTheOneInThePlaceholder-0123456789';
let platform: TestPlatform;
let owner: Visitor;

beforeEach(async () => {
  platform = await testPlatform();
  owner = await signedIn(platform);
});

afterEach(async () => {
  await platform.settle();
  platform.close();
});

function addTelegram() {
  return owner.postAndFollow('/admin/channels/new', {
    kind: 'telegram',
    name: 'Ops chat',
    token: TOKEN,
    chatId: '-1001234567890',
    threadId: '',
  });
}

it('adds a channel and never shows its secret again', async () => {
  const page = await addTelegram();
  expect(page.text).toContain('The channel is saved.');
  expect(page.text).toContain('every host when down, and news of the runners');
  for (const path of [
    '/admin/channels',
    '/admin/channels/1',
    '/admin/settings',
    '/admin/deliveries',
  ]) {
    expect((await owner.get(path)).html, path).not.toContain(TOKEN.slice(10));
  }
});

it('keeps a secret whose field was left empty', async () => {
  await addTelegram();
  const page = await owner.postAndFollow('/admin/channels/1', {
    kind: 'telegram',
    name: 'Ops room',
    token: '',
    chatId: '@ops_room',
    threadId: '',
    enabled: 'yes',
  });
  expect(page.text).toContain('Ops room');
  expect(page.text).toContain('leave empty to keep it');
  expect(page.html).toContain('value="@ops_room"');
});

it('shows a refused form again, without the secret that was typed', async () => {
  const page = await owner.post('/admin/channels/new', {
    kind: 'telegram',
    name: 'Ops chat',
    token: TOKEN,
    chatId: 'nowhere at all',
  });
  expect(page.status).toBe(400);
  expect(page.text).toContain('Chat must be');
  expect(page.html).toContain('value="nowhere at all"');
  expect(page.html).not.toContain(TOKEN.slice(10));
});

it('takes several addresses of an e-mail channel from one field', async () => {
  const page = await owner.postAndFollow('/admin/channels/new', {
    kind: 'email',
    name: 'On call',
    apiKey: 're_123456789',
    from: 'Anyup <status@example.org>',
    to: 'a@example.org, b@example.org',
  });
  expect(page.html).toContain('value="a@example.org, b@example.org"');
});

it('sends a test and shows what became of it, there and in the record', async () => {
  await addTelegram();
  const page = await owner.post('/admin/channels/1/test');
  expect(page.status).toBe(200);
  expect(page.text).toContain('The test did not arrive: Telegram could not be reached');
  const record = await owner.get('/admin/deliveries');
  expect(record.text).toContain('Test message for Ops chat');
  expect(record.text).toContain('Given up after 1 attempt');
});

it('adds rules for groups and deletes them', async () => {
  await addTelegram();
  const added = await owner.postAndFollow('/admin/rules', {
    channelId: '1',
    groups: ['Web', 'Mail'],
    from: 'degraded',
  });
  expect(added.text).toContain('Web, Mail when degraded or down');
  const removed = await owner.postAndFollow('/admin/rules/2/delete', { channel: '1' });
  expect(removed.text).not.toContain('Web, Mail when');
});

it('deletes a channel', async () => {
  await addTelegram();
  const page = await owner.postAndFollow('/admin/channels/1/delete');
  expect(page.text).toContain('Nobody is told yet.');
});
