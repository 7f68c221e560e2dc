import { describe, expect, it } from 'vitest';
import { configOf, readConfig, readSettings, SettingsError } from '#worker/config.ts';

const SECRET = Buffer.alloc(32, 9).toString('base64');
const KEY = 'kT3v_9QpZx1LmNa7RwYb2C';
const defaults = {
  runtime: 'node',
  flushMs: 1000,
  cloudflare: false,
  url: 'http://127.0.0.1:8787',
} as const;

function refusal(env: Record<string, unknown>): string {
  try {
    readSettings(env);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as Error).message;
  }
  throw new Error('it was taken');
}

describe('settings', () => {
  it('are all optional where the runtime knows its own address', async () => {
    const config = await readConfig({}, defaults);
    expect(config).toMatchObject({
      url: 'http://127.0.0.1:8787',
      secret: null,
      accessKeyHash: null,
      telegramApiUrl: 'https://api.telegram.org',
      healthcheckUrl: null,
      resendBaseUrl: 'https://api.resend.com',
    });
  });

  it.each([
    ['http://127.0.0.1:8787', true],
    ['http://[::1]:8787', true],
    ['https://status.example.org', false],
  ])('tell from %s whether other machines can reach us', async (url, loopbackOnly) => {
    expect(await readConfig({ ANYUP_URL: url }, defaults)).toMatchObject({ url, loopbackOnly });
  });

  it('keep the access key only as a hash', async () => {
    const config = await readConfig({ ANYUP_SECRET: SECRET, ANYUP_ACCESS_KEY: KEY }, defaults);
    expect(config.secret).toEqual(new Uint8Array(32).fill(9));
    expect(config.accessKeyHash).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(config)).not.toContain(KEY);
  });

  it('take base64url for the secret too, and an address with a slash at its end', async () => {
    const secret = Buffer.alloc(32, 0xfb).toString('base64url');
    const config = await readConfig(
      { ANYUP_SECRET: secret, ANYUP_URL: 'https://status.example.org/' },
      defaults,
    );
    expect(config.secret).toEqual(new Uint8Array(32).fill(0xfb));
    expect(config.url).toBe('https://status.example.org');
  });

  it('treat an empty variable as one that is not set', () => {
    expect(readSettings({ ANYUP_SECRET: '', ANYUP_LOG: '' })).toEqual({});
  });

  it.each([
    ['ANYUP_SECRET', 'abcde', 'must be 32 bytes in base64', 'it is 5 characters'],
    ['ANYUP_SECRET', Buffer.alloc(16).toString('base64'), 'must be 32 bytes', '16 bytes'],
    ['ANYUP_SECRET_PREVIOUS', 'no spaces here', 'must be 32 bytes', 'it is 14 characters'],
    ['ANYUP_ACCESS_KEY', 'hunter2', 'at least 22 characters', 'it is 7 characters'],
    ['ANYUP_ACCESS_KEY', 'passwordpasswordpassword', 'generated', 'not generated ones'],
    ['TURSO_DATABASE_URL', 'postgres://u:p@h/db', 'libsql://', 'it starts with postgres:'],
  ])('refuse %s without showing it', (name, value, ...says) => {
    const message = refusal({ [name]: value });
    expect(message.startsWith(`${name} `)).toBe(true);
    for (const text of says) expect(message).toContain(text);
    expect(message).not.toContain(value);
  });

  it.each([
    ['ANYUP_URL', 'status.example.org', 'must be an address without a path'],
    ['ANYUP_URL', 'https://example.org/status', 'must be an address without a path'],
    ['ANYUP_LOG', 'loud', 'must be error, warn, info or debug'],
    ['TELEGRAM_API_URL', 'telegram', 'must be an http(s) address'],
  ])('refuse %s and show what it was', (name, value, says) => {
    expect(refusal({ [name]: value })).toContain(`${name} ${says}`);
    expect(refusal({ [name]: value })).toContain(`it is "${value}"`);
  });

  it('do not show a password in an address', () => {
    expect(refusal({ ANYUP_URL: 'https://me:hunter2@example.org' })).not.toContain('hunter2');
  });

  it('name every fault at once', () => {
    const message = refusal({ ANYUP_SECRET: 'x', ANYUP_LOG: 'y', ANYUP_URL: 'z' });
    expect(message.split('\n')).toHaveLength(3);
  });

  it('must name the public address where the runtime cannot know it', async () => {
    await expect(configOf({}, { ...defaults, url: null })).rejects.toThrow(/ANYUP_URL is missing/);
  });
});
