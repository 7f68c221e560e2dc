// Attacks on the admin API by whoever holds a token, or none: rights, sizes, shapes, and values that mean something elsewhere.
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { ACCESS_KEY } from '#test/support/api.ts';
import { type Answer, leaveScene, type Scene, strikeScene, takeScene } from './scene.ts';

let scene: Scene;

beforeEach(async () => {
  scene = await takeScene();
});
afterEach(() => leaveScene(scene));
afterAll(strikeScene);

type Body = string | object;

/** A call by the owner, unless a token is named; null = by nobody. */
function call(
  method: string,
  path: string,
  body?: Body,
  token: string | null = ACCESS_KEY,
): Promise<Answer> {
  return scene.ask(`/api/v1${path}`, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      'content-type': 'application/json',
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

const host = (check: object) => call('POST', '/hosts', { name: 'x', checks: [check] });
const http = (fields: object) => host({ target: 'https://example.org/', ...fields });
const script = (fields: object) => host({ kind: 'script', target: 'script:load', ...fields });
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

const ATTACKS: Array<[name: string, attack: () => Promise<Answer>, back: string]> = [
  // Rights.
  [
    'reading tokens without one',
    () => call('GET', '/tokens', undefined, null),
    '401 unauthenticated',
  ],
  [
    'reading the audit without a token',
    () => call('GET', '/audit', undefined, null),
    '401 unauthenticated',
  ],
  [
    'a backup without a token',
    () => call('GET', '/backup?full', undefined, null),
    '401 unauthenticated',
  ],
  [
    'a backup with a token that writes',
    () => call('GET', '/backup', undefined, scene.writeToken),
    '403 forbidden',
  ],
  [
    'a restore with a token that writes',
    () => call('POST', '/backup', '{}', scene.writeToken),
    '403 forbidden',
  ],
  [
    'a new token with a token that writes',
    () => call('POST', '/tokens', { name: 'x', scope: 'write' }, scene.writeToken),
    '403 forbidden',
  ],
  [
    'a new host with a token that reads',
    () => call('POST', '/hosts', { target: 'example.org' }, scene.readToken),
    '403 forbidden',
  ],
  [
    'removing a host with a token that reads',
    () => call('DELETE', '/hosts/1', undefined, scene.readToken),
    '403 forbidden',
  ],
  [
    'a try with a token that reads',
    () => call('POST', '/tries', { target: 'example.org' }, scene.readToken),
    '403 forbidden',
  ],
  [
    'a join code with a token that writes',
    () => call('POST', '/join-codes', {}, scene.writeToken),
    '403 forbidden',
  ],
  [
    'channels with a token that reads',
    () => call('POST', '/channels', { kind: 'telegram' }, scene.readToken),
    '403 forbidden',
  ],
  [
    'settings with a token that writes',
    () => call('PATCH', '/settings', { title: 'mine' }, scene.writeToken),
    '403 forbidden',
  ],
  [
    'a token made longer',
    () => call('GET', '/hosts', undefined, `${scene.readToken}A`),
    '401 unauthenticated',
  ],
  [
    'a scope named in the body',
    () =>
      call(
        'POST',
        '/hosts',
        { target: 'example.org', role: 'owner', scope: 'write' },
        scene.readToken,
      ),
    '403 forbidden',
  ],
  // Sizes and shapes.
  [
    '10 MB of JSON',
    () => call('POST', '/hosts', `{"target":"${'x'.repeat(10 * 1024 * 1024)}"}`),
    '413 too_large',
  ],
  [
    '100,000 levels of JSON',
    () => call('POST', '/hosts', `{"target":${nested(100_000)}}`),
    '400 invalid_input',
  ],
  [
    '100,000 levels where anything may stand',
    () =>
      call(
        'POST',
        '/hosts',
        `{"name":"x","checks":[{"target":"example.org","x":${nested(100_000)}}]}`,
      ),
    '400 invalid_input',
  ],
  [
    'a thousand levels in a restore',
    () => call('POST', '/backup', nested(1000)),
    '400 invalid_input',
  ],
  [
    '__proto__ beside the fields',
    () => call('POST', '/hosts', '{"target":"example.org","__proto__":{"role":"owner"}}'),
    '400 invalid_input',
  ],
  [
    'constructor beside the fields',
    () => call('POST', '/hosts', '{"target":"example.org","constructor":{"prototype":{"x":1}}}'),
    '400 invalid_input',
  ],
  [
    'a kind named __proto__',
    () => host({ kind: '__proto__', target: 'example.org' }),
    '400 invalid_input',
  ],
  [
    'a kind named constructor',
    () => host({ kind: 'constructor', target: 'example.org' }),
    '400 invalid_input',
  ],
  [
    'a channel of the kind toString',
    () => call('POST', '/channels', { kind: 'toString', name: 'x' }),
    '400 invalid_input',
  ],
  [
    '101 checks in one host',
    () =>
      call('POST', '/hosts', {
        name: 'x',
        checks: Array.from({ length: 101 }, () => ({ target: 'example.org' })),
      }),
    '400 invalid_input',
  ],
  // Header injection.
  [
    'a header value with CR LF',
    () => http({ headers: { A: 'x\r\nHost: evil.example' } }),
    '400 invalid_input',
  ],
  ['a header value with a lone LF', () => http({ headers: { A: 'x\nB: y' } }), '400 invalid_input'],
  ['a header value with NUL', () => http({ headers: { A: 'x\0' } }), '400 invalid_input'],
  ['a header name with CR LF', () => http({ headers: { 'A\r\nB': 'x' } }), '400 invalid_input'],
  ['a header name with a colon', () => http({ headers: { 'A: b': 'x' } }), '400 invalid_input'],
  ['a method of its own', () => http({ method: 'GET / HTTP/1.1\r\nX: y' }), '400 invalid_input'],
  [
    'an address with CR LF',
    () => http({ target: 'https://example.org/\r\nX: y' }),
    '400 invalid_input',
  ],
  [
    'an address with a line break and a tab',
    () => http({ target: 'https://exam\nple.org/\tx' }),
    '400 invalid_input',
  ],
  [
    'a name of a host with line breaks',
    () => call('POST', '/hosts', { name: 'a\r\nb', target: 'example.org' }),
    '400 invalid_input',
  ],
  [
    'a name to ping with an option before it',
    () => host({ kind: 'icmp', target: '-f' }),
    '400 invalid_input',
  ],
  [
    'a name to ping with a command behind it',
    () => host({ kind: 'icmp', target: 'example.org; id' }),
    '400 invalid_input',
  ],
  [
    'a port with a command behind it',
    () => host({ kind: 'tcp', target: 'example.org:25 -e /bin/sh' }),
    '400 invalid_input',
  ],
  [
    'an address that is a file',
    () => host({ kind: 'http', target: 'file:///etc/passwd' }),
    '400 invalid_input',
  ],
  [
    'an address that is a script',
    () => http({ target: 'javascript:alert(1)' }),
    '400 invalid_input',
  ],
  // Scripts.
  [
    'a script by a path upwards',
    () => script({ target: 'script:../../bin/sh' }),
    '400 invalid_input',
  ],
  ['a script by an absolute path', () => script({ target: 'script:/bin/sh' }), '400 invalid_input'],
  ['a script by a Windows path', () => script({ target: 'script:..\\x' }), '400 invalid_input'],
  [
    'a script with its argument in the name',
    () => script({ target: 'script:load -x' }),
    '400 invalid_input',
  ],
  ['a hidden file as a script', () => script({ target: 'script:.env' }), '400 invalid_input'],
  [
    'a script with NUL in its name',
    () => script({ target: 'script:load\0.sh' }),
    '400 invalid_input',
  ],
  ['a script with NUL in an argument', () => script({ args: ['a\0b'] }), '400 invalid_input'],
  ['a script sent as code', () => script({ code: 'rm -rf /' }), '400 invalid_input'],
  // Values that mean something elsewhere.
  ['an id that is SQL', () => call('GET', '/hosts/1%20or%201=1'), '400 invalid_input'],
  ['an id that is another number', () => call('GET', '/hosts/0x1'), '400 invalid_input'],
  [
    'a page limit that is SQL',
    () => call('GET', '/audit?limit=1;drop%20table%20audit'),
    '400 invalid_input',
  ],
  ['a regular expression that is none', () => http({ bodyMatch: '(' }), '400 invalid_input'],
  [
    'a bot token with a path in it',
    () =>
      call('POST', '/channels', {
        kind: 'telegram',
        name: 't',
        settings: { token: '123456789:AA/../../evil', chatId: '1' },
      }),
    '400 invalid_input',
  ],
  [
    'a bot token with a host in it',
    () =>
      call('POST', '/channels', {
        kind: 'telegram',
        name: 't',
        settings: { token: '1:x@evil.example/', chatId: '1' },
      }),
    '400 invalid_input',
  ],
  [
    'an e-mail address with a header behind it',
    () =>
      call('POST', '/channels', {
        kind: 'email',
        name: 'e',
        settings: {
          apiKey: 're_123456789',
          from: 'a@b.example',
          to: ['a@b.example\r\nBcc: c@d.example'],
        },
      }),
    '400 invalid_input',
  ],
  [
    'the history of a check that is SQL',
    () => call('GET', '/checks/1%27--/series'),
    '404 not_found',
  ],
];

it.each(ATTACKS)('%s is refused and nothing is written', async (_, attack, back) => {
  const before = await scene.witness();
  const answer = await attack();
  expect(`${answer.status} ${answer.code}`).toBe(back);
  expect(await scene.witness()).toBe(before);
  expect(answer.text).not.toMatch(/node_modules|\bat \w+ \(|SQLITE/);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(({} as { role?: string }).role).toBeUndefined();
});

it.each(["Robert'); drop table host;--", '" or 1=1', '%_%', '${7*7}', '{{7*7}}'])(
  '%j is a name like any other',
  async (name) => {
    const made = await call('POST', '/hosts', { name, target: 'example.org' });
    expect(made.status).toBe(201);
    const { hosts } = JSON.parse((await call('GET', '/hosts')).text) as {
      hosts: Array<{ name: string }>;
    };
    expect(hosts.map((each) => each.name)).toContain(name);
  },
);

it('every answer of the API forbids to be framed, sniffed and stored', async () => {
  const { headers } = await call('GET', '/hosts');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('access-control-allow-origin')).toBeNull();
});

it('a reader of the public answers sees no address, no reason text, no header', async () => {
  await call('POST', '/hosts', {
    name: 'Intern',
    checks: [{ target: 'https://intern.example/inner-door', headers: { 'X-Team': 'blue-team' } }],
  });
  const { home, platform } = scene;
  const [{ id = 0 } = {}] = (await platform.db.$client.execute('select max(id) as id from check_'))
    .rows as unknown as Array<{ id: number }>;
  const at = platform.now();
  const { checks } = await home.assignments();
  const rev = checks.find((each) => each.id === id)?.rev ?? 0;
  const bad = (plus: number) => ({
    checkId: id,
    rev,
    at: at + plus,
    level: 500,
    rttUs: null,
    code: 'connect.refused',
    text: 'connection refused by 10.20.30.40:443',
  });
  await home.post([bad(0), bad(2000)]);
  for (const path of [
    '/',
    '/hosts/2',
    '/history',
    '/api/v1/status',
    `/api/v1/checks/${id}/series`,
    `/api/v1/checks/${id}/results.csv`,
    '/badge/2.svg',
    `/chart/${id}.svg`,
  ]) {
    const { text } = await scene.ask(path);
    expect(text).not.toMatch(/intern\.example|inner-door|blue-team|10\.20\.30\.40/);
  }
});
