// Attacks on signing in, sessions and forms: what a stranger, another site or a thief of cookies may try.
import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { ACCESS_KEY } from '#test/support/api.ts';
import { createSignInLink } from '#worker/auth/signIn.ts';
import {
  type Answer,
  EVIL,
  leaveScene,
  ORIGIN,
  type Scene,
  strikeScene,
  takeScene,
} from './scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await takeScene();
});
afterEach(() => leaveScene(scene));
afterAll(strikeScene);

const html = { accept: 'text/html' };

function form(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  return scene.ask(path, {
    method: 'POST',
    headers: { origin: ORIGIN, ...html, ...headers },
    body: new URLSearchParams(fields),
  });
}

/** Making a host as the owner's browser would, but for these headers. */
function makeHost(headers: Record<string, string>, method = 'POST'): Promise<Answer> {
  return scene.ask('/api/v1/hosts', {
    method,
    headers: { cookie: scene.cookie, 'content-type': 'application/json', ...headers },
    body: '{"target":"example.org"}',
  });
}

const withCookie = (value: string) =>
  scene.ask('/api/v1/tokens', { headers: { cookie: `__Host-anyup_session=${value}` } });

function parts(): [random: string, signature: string] {
  const [random = '', signature = ''] = decodeURIComponent(scene.cookie.split('=')[1] ?? '').split(
    '.',
  );
  return [random, signature];
}

const signedBy = (key: Buffer | Uint8Array, random: string) =>
  encodeURIComponent(`${random}.${createHmac('sha256', key).update(random).digest('base64')}`);

const ATTACKS: Array<[name: string, attack: () => Promise<Answer>, status: number]> = [
  [
    'a form of another site, with the cookie the browser adds',
    () => form('/admin/hosts', { target: 'example.org' }, { origin: EVIL, cookie: scene.cookie }),
    403,
  ],
  [
    'the same without any origin',
    () =>
      scene.ask('/admin/hosts', {
        method: 'POST',
        headers: { cookie: scene.cookie, ...html },
        body: new URLSearchParams({ target: 'example.org' }),
      }),
    403,
  ],
  ['JSON of another site', () => makeHost({ origin: EVIL }), 403],
  ['JSON of a sandboxed frame (origin null)', () => makeHost({ origin: 'null' }), 403],
  [
    'JSON of a site whose name only begins as ours',
    () => makeHost({ origin: `${ORIGIN}.evil.example` }),
    403,
  ],
  ['JSON of our name without TLS', () => makeHost({ origin: 'http://status.example' }), 403],
  ['JSON of our name on another port', () => makeHost({ origin: `${ORIGIN}:8443` }), 403],
  [
    'JSON that claims a forwarded host',
    () =>
      makeHost({
        origin: EVIL,
        'x-forwarded-host': 'evil.example',
        forwarded: 'host=evil.example',
      }),
    403,
  ],
  [
    'a method smuggled in a header',
    () =>
      scene.ask('/api/v1/hosts/1', {
        method: 'GET',
        headers: { 'x-http-method-override': 'DELETE', cookie: scene.cookie },
      }),
    200,
  ],
  [
    'a sign-in posted by another site (login CSRF)',
    () => form('/sign-in', { key: ACCESS_KEY }, { origin: EVIL }),
    403,
  ],
  [
    'a sign-out posted by another site',
    () => form('/sign-out', {}, { origin: EVIL, cookie: scene.cookie }),
    403,
  ],
  ['a session value chosen by the attacker (fixation)', () => withCookie('chosen-by-me'), 401],
  ['a cookie without its signature', () => withCookie(parts()[0]), 401],
  [
    'a cookie with the signature of another',
    () =>
      withCookie(
        encodeURIComponent(
          `${parts()[0].startsWith('x') ? 'y' : 'x'}${parts()[0].slice(1)}.${parts()[1]}`,
        ),
      ),
    401,
  ],
  ['a cookie signed with nothing', () => withCookie(signedBy(Buffer.alloc(32), parts()[0])), 401],
  [
    'a cookie signed with the secret itself instead of its derived key',
    () => withCookie(signedBy(new Uint8Array(32).fill(7), parts()[0])),
    401,
  ],
  [
    'a cookie under the name without __Host-',
    () => scene.ask('/api/v1/tokens', { headers: { cookie: scene.cookie.replace('__Host-', '') } }),
    401,
  ],
  [
    'an expired cookie',
    () => {
      scene.platform.advance(30 * 86_400_000);
      return scene.ask('/api/v1/tokens', { headers: { cookie: scene.cookie } });
    },
    401,
  ],
  ['no access key', () => form('/sign-in', { key: '' }), 401],
  [
    'an access key nearly right',
    () => form('/sign-in', { key: `${ACCESS_KEY.slice(0, -1)}x` }),
    401,
  ],
  [
    'the hash of the access key',
    () => form('/sign-in', { key: scene.platform.config.accessKeyHash ?? '' }),
    401,
  ],
  ['an access key that is SQL', () => form('/sign-in', { key: "' or 1=1 --" }), 401],
  [
    'two keys at once',
    () =>
      scene.ask('/sign-in', {
        method: 'POST',
        headers: { origin: ORIGIN },
        body: new URLSearchParams([
          ['key', 'x'],
          ['key', ACCESS_KEY],
        ]),
      }),
    401,
  ],
  ['a link that was never made', () => form('/sign-in', { link: 'A'.repeat(43) }), 401],
  ['a link that is a wildcard', () => form('/sign-in', { link: '%' }), 401],
  [
    'the key as Basic authorization',
    () =>
      scene.ask('/api/v1/tokens', {
        headers: { authorization: `Basic ${btoa(`owner:${ACCESS_KEY}`)}` },
      }),
    401,
  ],
  [
    'a token from the address',
    () => scene.ask(`/api/v1/tokens?token=${ACCESS_KEY}&access_token=${ACCESS_KEY}`),
    401,
  ],
  [
    'a form of 1 MB',
    () => form('/admin/hosts', { target: 'x'.repeat(1_000_000) }, { cookie: scene.cookie }),
    413,
  ],
  ['an admin page without a session', () => scene.ask('/admin/settings', { headers: html }), 303],
  [
    'an admin page by another spelling',
    () => scene.ask('/admin//settings', { headers: html }),
    303,
  ],
  [
    'an admin page by a way around',
    () => scene.ask('/sign-in/../admin/settings', { headers: html }),
    303,
  ],
  ['an admin page in capitals', () => scene.ask('/ADMIN/settings', { headers: html }), 404],
  [
    'an admin page with an encoded slash',
    () => scene.ask('/admin%2Fsettings', { headers: html }),
    404,
  ],
];

it.each(ATTACKS)('%s gains nothing and writes nothing', async (_, attack, status) => {
  const before = await scene.witness();
  const answer = await attack();
  expect(answer.status).toBe(status);
  expect(await scene.witness()).toBe(before);
  expect(answer.headers.get('set-cookie')).toBeNull();
  expect(answer.text).not.toContain(ACCESS_KEY);
});

it('signing in gives a new session each time, in a cookie that scripts, other sites and plain HTTP do not get', async () => {
  const answer = await form('/sign-in', { key: ACCESS_KEY }, { cookie: scene.cookie });
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(cookie).not.toContain(parts()[0]);
  expect(cookie.split('; ').sort()).toEqual(
    [
      cookie.split('; ')[0],
      'HttpOnly',
      'Max-Age=2592000',
      'Path=/',
      'SameSite=Lax',
      'Secure',
    ].sort(),
  );
  expect(cookie).toMatch(/^__Host-anyup_session=/);
});

it('a stolen cookie opens nothing after its owner signed out', async () => {
  await form('/sign-out', {}, { cookie: scene.cookie });
  expect((await scene.ask('/api/v1/tokens', { headers: { cookie: scene.cookie } })).status).toBe(
    401,
  );
});

it.each([
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/admin\\..\\..\\evil',
  '/admin/../../x',
  'javascript:alert(1)',
  '/admin/%0d%0aset-cookie:x=1',
  '/admin/\r\nset-cookie: x=1',
])('signing in never leads to %j', async (next) => {
  const answer = await form('/sign-in', { key: ACCESS_KEY, next });
  expect(answer.headers.get('location')).toBe('/admin/hosts?said=signed.in');
});

it.each(['GET', 'HEAD'])(
  'a previewer that opens a sign-in link by %s, secret and all, burns nothing',
  async (method) => {
    const { url } = await createSignInLink(scene.platform);
    const secret = new URL(url).hash.slice(1);
    const before = await scene.witness();
    for (const path of ['/sign-in', `/sign-in?link=${secret}`, `/sign-in/${secret}`]) {
      await scene.ask(path, { method, headers: html });
    }
    expect(await scene.witness()).toBe(before);
    expect((await form('/sign-in', { link: secret })).status).toBe(303);
    expect((await form('/sign-in', { link: secret })).status).toBe(401);
  },
);

it('guessing the access key costs no row, ends after ten tries, and cannot be washed off by headers', async () => {
  const before = await scene.witness();
  const from = { 'cf-connecting-ip': '192.0.2.200' };
  for (let n = 0; n < 10; n++) {
    const washed = { ...from, 'x-forwarded-for': `203.0.113.${n}`, 'x-real-ip': `203.0.113.${n}` };
    expect((await form('/sign-in', { key: `guess-${n}` }, washed)).status).toBe(401);
  }
  const eleventh = await form(
    '/sign-in',
    { key: ACCESS_KEY },
    { ...from, 'x-forwarded-for': '203.0.113.99' },
  );
  expect(eleventh.status).toBe(429);
  expect(await scene.witness()).toBe(before);
});

it('off Cloudflare, CF-Connecting-IP is anybody’s claim and counts for nothing', async () => {
  scene.platform.config.cloudflare = false;
  const statuses: number[] = [];
  for (let n = 0; n < 11; n++) {
    const answer = await form(
      '/sign-in',
      { key: 'guess' },
      { 'cf-connecting-ip': `203.0.113.${n}` },
    );
    statuses.push(answer.status);
  }
  scene.platform.config.cloudflare = true;
  expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
});

it('links, feeds and documents name our own address, whatever Host and forwarding headers say', async () => {
  const headers = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    forwarded: 'host=evil.example',
    'x-forwarded-proto': 'gopher',
  };
  for (const path of ['/', '/hosts/1', '/sign-in', '/history', '/api/v1/status', '/badge/1.svg']) {
    const answer = await scene.ask(`https://evil.example${path}`, {
      headers: { ...headers, accept: 'text/html' },
    });
    expect(answer.text + JSON.stringify([...answer.headers])).not.toContain('evil.example');
  }
});
