// What a check may send, and how the answer is held against what it expects.
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { runProbe } from '#runner/probes/index.ts';
import { type Behaviour, type Listening, rawServer, says } from '#test/support/probes/servers.ts';

const context = { timeoutMs: 5000, probesFolder: null };
const cleanups: Array<() => unknown> = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(behave: Behaviour): Promise<Listening> {
  const server = await rawServer(behave);
  cleanups.push(server.close);
  return server;
}

async function probe(behave: Behaviour, fields: Record<string, unknown> = {}, explain = false) {
  const server = await serve(behave);
  const target = `http://127.0.0.1:${server.port}/a?b=1`;
  const probed = await runProbe({ kind: 'http', target, ...fields }, { ...context, explain });
  return { probed, request: server.received[0] ?? '', server };
}

function answer(body: string, headers: string[] = []): Behaviour {
  const lines = ['HTTP/1.1 200 OK', `Content-Length: ${Buffer.byteLength(body)}`, ...headers];
  return says(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

test('a query is added to that of the address, and a cache is asked past', async () => {
  const fields = { query: { 'q u': 'ä&b' }, cacheBuster: true };
  const [one, other] = [await probe(answer('x'), fields), await probe(answer('x'), fields)];
  expect(one.request).toMatch(/^GET \/a\?b=1&q\+u=%C3%A4%26b&anyup=[0-9a-f]{16} HTTP/);
  expect(one.request.split('\r\n')[0]).not.toBe(other.request.split('\r\n')[0]);
});

test.each([
  ['json', '{"a": 1}', '{"a": 1}', 'application/json'],
  [
    'form',
    'name=A B\r\nmail=a@b.test\nempty',
    'name=A+B&mail=a%40b.test&empty=',
    'application/x-www-form-urlencoded',
  ],
])('a body of type %s says so', async (bodyType, body, sent, type) => {
  const { request } = await probe(answer('x'), { method: 'POST', bodyType, body });
  expect(request).toContain(`\r\nContent-Type: ${type}\r\n`);
  expect(request.endsWith(`\r\n\r\n${sent}`)).toBe(true);
});

test('a content type of the check itself is left as it is', async () => {
  const headers = { 'content-type': 'application/vnd.x+json' };
  const { request } = await probe(answer('x'), {
    method: 'POST',
    bodyType: 'json',
    body: '1',
    headers,
  });
  expect(request.match(/content-type/gi)).toHaveLength(1);
});

test('basic and bearer credentials are sent as such', async () => {
  const basic = { auth: 'basic', username: 'us:er', password: 'pä' };
  expect((await probe(answer('x'), basic)).request).toContain(
    `\r\nAuthorization: Basic ${Buffer.from('us:er:pä').toString('base64')}\r\n`,
  );
  expect((await probe(answer('x'), { auth: 'bearer', token: 't0' })).request).toContain(
    '\r\nAuthorization: Bearer t0\r\n',
  );
});

test.each([
  [{ bodyContains: ['all', 'is'] }, 100, 'ok', ''],
  [
    { bodyContains: ['all', 'was'] },
    400,
    'http.body',
    'HTTP 200, the body does not contain "was" (9 bytes)',
  ],
  [{ bodyLacks: ['error'] }, 100, 'ok', ''],
  [{ bodyLacks: ['is ok'] }, 400, 'http.body', 'HTTP 200, the body contains "is ok"'],
  [{ bodyMatchNot: 'ok$' }, 400, 'http.body', 'HTTP 200, the body matches /ok$/'],
  [{ headerMatch: ['x-cache == HIT'] }, 100, 'ok', ''],
  [
    { headerMatch: ['x-cache == MISS'] },
    400,
    'http.header',
    'header x-cache is "HIT", expected x-cache == MISS',
  ],
  [
    { headerMatch: ['x-not exists'] },
    400,
    'http.header',
    'header x-not is missing, expected x-not exists',
  ],
])('%o → %i %s', async (fields, level, code, text) => {
  const { probed } = await probe(answer('all is ok', ['X-Cache: HIT']), fields);
  expect(probed).toMatchObject({ level, code, text });
});

test.each([
  ['{"status":"ok","queue":[1]}', 'ok', ''],
  ['{"status":"slow","queue":[]}', 'http.json', 'expected $.status == "ok", it is "slow"'],
  ['{"queue":[]}', 'http.json', 'expected $.status == "ok", there is none'],
  ['<html>', 'http.json', 'HTTP 200, the body is not JSON: "<html>"'],
])('JSON %s is %s', async (body, code, text) => {
  const jsonMatch = ['$.status == "ok"', '$.queue.length < 10'];
  const { probed } = await probe(answer(body), { jsonMatch });
  expect(probed).toMatchObject({ code, text });
});

test('a body that comes packed although nobody asked is unpacked to be read', async () => {
  const { probed } = await probe(
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n');
      socket.end(gzipSync('all is ok'));
    },
    { bodyMatch: '^all is ok$' },
  );
  expect(probed).toMatchObject({ level: 100, code: 'ok' });
});

test('whoever tries a check sees each expectation, what came, and the answer itself', async () => {
  const fields = {
    bodyContains: ['ok', 'gone'],
    jsonMatch: ['$.a == 1'],
    headerMatch: ['x-y missing'],
  };
  const { probed } = await probe(answer('ok'), fields, true);
  expect(probed).toMatchObject({ level: 400, code: 'http.body' });
  expect(probed.findings).toEqual([
    { name: 'Status', ok: true, expected: '200-399', got: '200' },
    { name: 'Header x-y', ok: true, expected: 'x-y missing', got: 'missing' },
    { name: 'Body contains', ok: true, expected: 'ok', got: 'found' },
    { name: 'Body contains', ok: false, expected: 'gone', got: 'ok' },
    { name: 'JSON', ok: false, expected: 'a document', got: '"ok"' },
  ]);
  expect(probed.detail).toBe('HTTP/1.1 200\ncontent-length: 2\n\nok');
  expect((await probe(answer('ok'), fields)).probed).not.toHaveProperty('findings');
});

test('cookies set on the way are sent where they belong, and nowhere else', async () => {
  const other = await serve(answer('x'));
  const server = await serve((socket, request, connection) => {
    const port = server.port;
    const steps = [
      'HTTP/1.1 302 Found\r\nLocation: /in/page\r\nSet-Cookie: sid=1; Path=/in; HttpOnly\r\nSet-Cookie: all=2; Path=/; Expires=Wed, 01 Jan 2098 00:00:00 GMT\r\nSet-Cookie: evil=3; Domain=example.org\r\n\r\n',
      `HTTP/1.1 302 Found\r\nLocation: /out\r\nSet-Cookie: all=; Path=/; Max-Age=0\r\n\r\n`,
      `HTTP/1.1 302 Found\r\nLocation: http://localhost:${other.port}/\r\nSet-Cookie: last=4\r\n\r\n`,
    ];
    socket.end(request.startsWith('GET') && port ? (steps[connection] ?? '') : '');
  });
  const target = `http://127.0.0.1:${server.port}/`;
  const probed = await runProbe({ kind: 'http', target, family: '4' }, context);
  expect(probed).toMatchObject({ code: 'ok' });
  expect(server.received[1]).toContain('\r\nCookie: sid=1; all=2\r\n');
  expect(server.received[2]).not.toContain('Cookie');
  expect(other.received[0]).not.toContain('Cookie');
});

test('a page that sets a cookie and sends back to itself is no loop', async () => {
  const behave: Behaviour = (socket, request) =>
    socket.end(
      request.includes('Cookie: ok=1')
        ? 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
        : 'HTTP/1.1 302 Found\r\nLocation: /a?b=1\r\nSet-Cookie: ok=1\r\n\r\n',
    );
  expect((await probe(behave)).probed).toMatchObject({ code: 'ok' });
  expect((await probe(behave, { cookies: false })).probed).toMatchObject({
    code: 'http.redirects',
  });
});
