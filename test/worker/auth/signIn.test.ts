import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCESS_KEY, hashOf } from '#test/support/api.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { app } from '#worker/app.ts';
import { createSignInLink } from '#worker/auth/signIn.ts';
import type { Config } from '#worker/platform.ts';

let platform: TestPlatform;
let fresh = 0;

async function start(config: Partial<Config> = {}) {
  platform?.close();
  platform = await testPlatform({
    accessKeyHash: hashOf(ACCESS_KEY),
    cloudflare: true,
    ...config,
  });
}

beforeEach(async () => {
  await start();
  fresh += 1;
});
afterEach(() => platform.close());

const ORIGIN = 'http://anyup.test';

/** From an address of this test's own, because attempts are counted by address. */
function send(path: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  return app.request(
    ORIGIN + path,
    {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { origin: ORIGIN, 'cf-connecting-ip': `192.0.2.${fresh}`, ...headers },
    },
    platform,
  );
}

function cookieOf(answer: Response): string {
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

async function signedIn(): Promise<string> {
  return cookieOf(await send('/sign-in', { key: ACCESS_KEY }));
}

/** Does the API take this cookie for the owner? */
async function isOwner(cookie: string): Promise<boolean> {
  const answer = await app.request('/api/v1/tokens', { headers: { cookie } }, platform);
  return answer.status === 200;
}

async function secretOfLink(): Promise<string> {
  const { url } = await createSignInLink(platform);
  expect(url.startsWith(`${platform.config.url}/sign-in#`)).toBe(true);
  return new URL(url).hash.slice(1);
}

describe('the access key', () => {
  it('signs the owner in with a cookie that scripts cannot read', async () => {
    const answer = await send('/sign-in', { key: ACCESS_KEY });
    expect(answer.status).toBe(303);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^anyup_session=.*; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(await isOwner(cookieOf(answer))).toBe(true);
    const { rows } = await platform.db.$client.execute('select action, subject from audit');
    expect(rows).toEqual([
      expect.objectContaining({ action: 'session.start', subject: 'signed in by key' }),
    ]);
  });

  it('sets a Secure cookie bound to the host behind https', async () => {
    await start({ url: 'https://status.example' });
    const answer = await send(
      '/sign-in',
      { key: ACCESS_KEY },
      { origin: 'https://status.example' },
    );
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-anyup_session=.*; Secure;?/);
    expect(await isOwner(cookieOf(answer))).toBe(true);
  });

  it('refuses any other, writing nothing', async () => {
    const answer = await send('/sign-in', { key: `${ACCESS_KEY}.` });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('set-cookie')).toBeNull();
    const { rows } = await platform.db.$client.execute('select count(*) as n from session');
    expect(rows[0]?.n).toBe(0);
  });

  it('may be tried ten times a minute from one address, and not once more', async () => {
    for (let i = 0; i < 10; i++)
      expect((await send('/sign-in', { key: 'wrong' })).status).toBe(401);
    const eleventh = await send('/sign-in', { key: ACCESS_KEY });
    expect(eleventh.status).toBe(429);
    expect(Number(eleventh.headers.get('retry-after'))).toBeGreaterThan(0);
    const elsewhere = await send(
      '/sign-in',
      { key: ACCESS_KEY },
      { 'cf-connecting-ip': '198.51.100.9' },
    );
    expect(elsewhere.status).toBe(303);
    platform.advance(60_000);
    expect((await send('/sign-in', { key: ACCESS_KEY })).status).toBe(303);
  });

  it('takes ten wrong Bearers a minute, and answers 429 to the next', async () => {
    const call = (key: string) =>
      app.request(
        '/api/v1/hosts',
        { headers: { authorization: `Bearer ${key}`, 'cf-connecting-ip': `192.0.2.${fresh}` } },
        platform,
      );
    for (let i = 0; i < 10; i++) expect((await call('wrong')).status).toBe(401);
    expect((await call('wrong')).status).toBe(429);
    expect((await call(ACCESS_KEY)).status).toBe(200);
  });
});

describe('a sign-in link', () => {
  it('works once', async () => {
    const secret = await secretOfLink();
    expect(secret).toMatch(/^[\w-]{43}$/);
    const answer = await send('/sign-in', { link: secret });
    expect(await isOwner(cookieOf(answer))).toBe(true);
    expect((await send('/sign-in', { link: secret })).status).toBe(401);
  });

  it('lets in only one of two that come at the same moment', async () => {
    const secret = await secretOfLink();
    const answers = await Promise.all([1, 2, 3].map(() => send('/sign-in', { link: secret })));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 401, 401]);
  });

  it('expires after 15 minutes', async () => {
    const secret = await secretOfLink();
    platform.advance(15 * 60_000);
    expect((await send('/sign-in', { link: secret })).status).toBe(401);
  });

  it('is kept as a hash, and looking at its page burns nothing', async () => {
    const secret = await secretOfLink();
    const { rows } = await platform.db.$client.execute('select * from sign_in_link');
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect((await app.request('/sign-in', {}, platform)).status).toBe(200);
    expect((await send('/sign-in', { link: secret })).status).toBe(303);
  });
});

describe('a session', () => {
  it('ends with signing out', async () => {
    const cookie = await signedIn();
    const answer = await send('/sign-out', {}, { cookie });
    expect(answer.headers.get('set-cookie')).toMatch(/anyup_session=; Max-Age=0/);
    expect(await isOwner(cookie)).toBe(false);
  });

  it('ends after 30 days', async () => {
    const cookie = await signedIn();
    platform.advance(30 * 86_400_000 - 1);
    expect(await isOwner(cookie)).toBe(true);
    platform.advance(1);
    expect(await isOwner(cookie)).toBe(false);
  });

  it('is not taken from a forged cookie', async () => {
    const cookie = await signedIn();
    const [name, value = ''] = cookie.split('=');
    const [random = '', signature = ''] = decodeURIComponent(value).split('.');
    expect(signature).not.toBe('');
    const other = random.startsWith('A') ? `B${random.slice(1)}` : `A${random.slice(1)}`;
    for (const forged of [random, `${random}.`, `${other}.${signature}`, `.${signature}`, 'x.y']) {
      expect(await isOwner(`${name}=${encodeURIComponent(forged)}`)).toBe(false);
    }
  });

  it('outlives a change of ANYUP_SECRET while the previous one is named', async () => {
    const cookie = await signedIn();
    const { config } = platform;
    config.previousSecret = config.secret;
    config.secret = new Uint8Array(32).fill(9);
    expect(await isOwner(cookie)).toBe(true);
    config.previousSecret = null;
    expect(await isOwner(cookie)).toBe(false);
  });

  it('is kept as a hash', async () => {
    const cookie = await signedIn();
    const random = decodeURIComponent(cookie.split('=')[1] ?? '').split('.')[0] ?? '';
    const { rows } = await platform.db.$client.execute('select * from session');
    expect(JSON.stringify(rows)).not.toContain(random);
  });
});

describe('requests forged by another site', () => {
  async function post(headers: Record<string, string>) {
    const cookie = await signedIn();
    const answer = await app.request(
      `${ORIGIN}/api/v1/hosts`,
      {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', ...headers },
        body: '{"target":"example.org"}',
      },
      platform,
    );
    return answer.status;
  }

  it('are refused, JSON or not; our own pages are not', async () => {
    expect(await post({ origin: 'https://evil.example' })).toBe(403);
    expect(await post({ origin: 'null' })).toBe(403);
    expect(await post({})).toBe(403);
    expect(await post({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await post({ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' })).toBe(
      403,
    );
    expect(await post({ origin: ORIGIN })).toBe(201);
    expect(await post({ 'sec-fetch-site': 'same-origin' })).toBe(201);
    const form = await send('/sign-in', { key: ACCESS_KEY }, { origin: 'https://evil.example' });
    expect(form.status).toBe(403);
    expect(form.headers.get('set-cookie')).toBeNull();
  });

  it('do not concern a program with a Bearer', async () => {
    const answer = await app.request(
      '/api/v1/hosts',
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${ACCESS_KEY}`,
          'content-type': 'application/json',
          origin: 'https://dashboard.example',
        },
        body: '{"target":"example.org"}',
      },
      platform,
    );
    expect(answer.status).toBe(201);
  });
});

describe('an Anyup at the edge that was not deployed with its keys', () => {
  it.each([
    [{ secret: null }, ['ANYUP_SECRET']],
    [{ accessKeyHash: null }, ['ANYUP_ACCESS_KEY']],
    [{ secret: null, accessKeyHash: null }, ['ANYUP_SECRET', 'ANYUP_ACCESS_KEY']],
  ])('answers 503 and names what is missing: %j', async (config, missing) => {
    await start({ runtime: 'edge', ...config });
    const answer = await send('/sign-in', { key: ACCESS_KEY });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain(missing[missing.length - 1]);
    const page = await app.request('/admin/hosts', {}, platform);
    expect(page.status).toBe(503);
    const { rows } = await platform.db.$client.execute('select count(*) as n from session');
    expect(rows[0]?.n).toBe(0);
  });

  it('needs no access key where links are printed', async () => {
    await start({ runtime: 'standalone', accessKeyHash: null });
    const answer = await send('/sign-in', { link: await secretOfLink() });
    expect(await isOwner(cookieOf(answer))).toBe(true);
    expect((await send('/sign-in', { key: '' })).status).not.toBe(303);
  });
});
