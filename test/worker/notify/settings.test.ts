import { describe, expect, test } from 'vitest';
import { API_KEY } from '#test/support/fakes/resend.ts';
import { BOT_TOKEN } from '#test/support/fakes/telegram.ts';
import { CHANNEL_KINDS, CHANNELS, channelFields, splitSecrets } from '#worker/notify/index.ts';

const TELEGRAM = { token: BOT_TOKEN, chatId: '-1001234567890' };
const EMAIL = { apiKey: API_KEY, from: 'Anyup <status@example.org>', to: ['ops@example.org'] };

function refusal(kind: 'telegram' | 'email', settings: unknown): string {
  const parsed = CHANNELS[kind].schema.safeParse(settings);
  const [issue] = parsed.error?.issues ?? [];
  return issue ? `${issue.path.join('.')} ${issue.message}` : 'accepted';
}

describe('the settings of a Telegram channel', () => {
  test.each(['-1001234567890', 42, ' 42 ', '@status_room'])('take the chat %s', (chatId) => {
    expect(refusal('telegram', { ...TELEGRAM, chatId })).toBe('accepted');
  });

  test.each(['', 'status_room', '@', '@1a', '12x', '0', 1.5, null])(
    'refuse the chat %s',
    (chatId) => {
      expect(refusal('telegram', { ...TELEGRAM, chatId })).toMatch(/^chatId /);
    },
  );

  test('refuse what is not a bot token, in words', () => {
    expect(refusal('telegram', { ...TELEGRAM, token: 'hunter2' })).toBe(
      'token must be a bot token as @BotFather gives it, like "123456789:AAE…" (35 characters after the colon)',
    );
  });

  test.each(['', null, undefined, '4', 4])(
    'take %s for the topic, which may be left out',
    (threadId) => {
      expect(refusal('telegram', { ...TELEGRAM, threadId })).toBe('accepted');
      expect(refusal('telegram', TELEGRAM)).toBe('accepted');
    },
  );

  test.each(['four', -1, 1.5])('refuse the topic %s', (threadId) => {
    expect(refusal('telegram', { ...TELEGRAM, threadId })).toMatch(/^threadId /);
  });
});

describe('the settings of an e-mail channel', () => {
  test('take the addresses as a list or as text parted by commas and lines', () => {
    const to = 'a@example.org, b@example.org\nc@example.org';
    expect(CHANNELS.email.schema.parse({ ...EMAIL, to })).toMatchObject({
      to: ['a@example.org', 'b@example.org', 'c@example.org'],
    });
    expect(refusal('email', EMAIL)).toBe('accepted');
  });

  test('name the address that is none', () => {
    const to = ['a@example.org', 'nobody'];
    expect(refusal('email', { ...EMAIL, to })).toBe('to.1 must be an e-mail address, not "nobody"');
  });

  test('refuse none and more than 50 addresses', () => {
    const many = Array.from({ length: 51 }, (_, i) => `a${i}@example.org`);
    expect(refusal('email', { ...EMAIL, to: [] })).toBe('to must be one to 50 addresses');
    expect(refusal('email', { ...EMAIL, to: '' })).toBe('to must be one to 50 addresses');
    expect(refusal('email', { ...EMAIL, to: undefined })).toBe('to must be one to 50 addresses');
    expect(refusal('email', { ...EMAIL, to: many })).toBe('to must be one to 50 addresses');
  });

  test.each(['status', 'Anyup <status>', 'Anyup status@example.org', 'a\r\nBcc: <b@example.org>'])(
    'refuse the sender %j',
    (from) => {
      expect(refusal('email', { ...EMAIL, from })).toMatch(/^from must be an address/);
    },
  );

  test('refuse what is not a key of resend.com', () => {
    expect(refusal('email', { ...EMAIL, apiKey: 'sk_123' })).toMatch(/^apiKey must be an API key/);
  });
});

test('secrets are parted from what may be shown', () => {
  expect(splitSecrets('telegram', { ...TELEGRAM, threadId: undefined })).toEqual({
    config: { chatId: TELEGRAM.chatId },
    secrets: { token: BOT_TOKEN },
  });
  expect(splitSecrets('email', EMAIL).secrets).toEqual({ apiKey: API_KEY });
});

test('every setting of every kind has a title, and each kind keeps a secret, but for one whose secrets are with a runner', () => {
  for (const kind of CHANNEL_KINDS) {
    const fields = channelFields(kind);
    expect(fields.every(({ name, title }) => title !== '' && title !== name)).toBe(true);
    expect(fields.filter(({ secret }) => secret)).toHaveLength(kind === 'relay' ? 0 : 1);
  }
  expect(channelFields('telegram').map(({ name, required }) => [name, required])).toEqual([
    ['token', true],
    ['chatId', true],
    ['threadId', false],
  ]);
  expect(channelFields('email').find(({ name }) => name === 'to')).toMatchObject({ list: true });
});
