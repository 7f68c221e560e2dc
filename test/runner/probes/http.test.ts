import { afterEach, expect, test } from 'vitest';
import { runProbe } from '#runner/probes/index.ts';
import { VERSION } from '#runner/version.ts';
import {
  type Behaviour,
  closedPort,
  fullListener,
  type Listening,
  rawServer,
  says,
} from '#test/support/probes/servers.ts';

const context = { timeoutMs: 2000, probesFolder: null };
const cleanups: Array<() => unknown> = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(behave: Behaviour, options = {}): Promise<Listening> {
  const server = await rawServer(behave, options);
  cleanups.push(server.close);
  return server;
}

async function probe(behave: Behaviour, fields: Record<string, unknown> = {}) {
  const server = await serve(behave);
  const target = `http://127.0.0.1:${server.port}/health?full=1#part`;
  const probed = await runProbe({ kind: 'http', target, ...fields }, context);
  return { probed, request: server.received[0] ?? '', port: server.port };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

test('an answer of 200 is up, with the parts of its time', async () => {
  const { probed } = await probe(says(OK));
  expect(probed).toMatchObject({ level: 100, code: 'ok', text: '' });
  const { connectUs = 0, firstByteUs = 0, totalUs = 0 } = probed.phases ?? {};
  expect(probed.rttUs).toBe(totalUs);
  expect(totalUs).toBeGreaterThanOrEqual(connectUs + firstByteUs);
  expect(probed.phases).not.toHaveProperty('tlsUs');
});

test('the request is plain HTTP/1.1 that names the host, the port and Anyup', async () => {
  const { request, port } = await probe(says(OK));
  expect(request).toBe(
    [
      'GET /health?full=1 HTTP/1.1',
      `Host: 127.0.0.1:${port}`,
      `User-Agent: anyup/${VERSION}`,
      'Accept: */*',
      'Accept-Encoding: identity',
      'Connection: close',
      '',
      '',
    ].join('\r\n'),
  );
});

test('an IPv6 address is bracketed in the Host header', async () => {
  const server = await serve(says(OK), { host: '::1' });
  const target = `http://[::1]:${server.port}/`;
  expect(await runProbe({ kind: 'http', target }, context)).toMatchObject({ code: 'ok' });
  expect(server.received[0]).toContain(`\r\nHost: [::1]:${server.port}\r\n`);
});

test('a POST carries its body, its length and the given headers in place of the defaults', async () => {
  const headers = { 'user-agent': 'mine', 'X-Key': 'k', 'Content-Length': '1', Connection: 'x' };
  const { probed, request } = await probe(
    (socket, sent) => {
      const body = sent.split('\r\n\r\n')[1] ?? '';
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`, 'latin1');
    },
    { method: 'POST', headers, body: 'naïve', bodyMatch: '^naïve$' },
  );
  expect(probed).toMatchObject({ level: 100, code: 'ok' });
  expect(request).toContain('\r\nuser-agent: mine\r\nX-Key: k\r\nContent-Length: 6\r\n');
  expect(request).not.toMatch(/User-Agent: anyup|Content-Length: 1\r|Connection: x/);
});

test('a name and password in the address become Basic authorization', async () => {
  const server = await serve(says(OK));
  const target = `http://us%40r:p%C3%A4ss@127.0.0.1:${server.port}/`;
  await runProbe({ kind: 'http', target }, context);
  const credentials = Buffer.from('us@r:päss').toString('base64');
  expect(server.received[0]).toContain(`\r\nAuthorization: Basic ${credentials}\r\n`);
});

test('a header with a line break in it never reaches the wire', async () => {
  const { probed, request } = await probe(says(OK), { headers: { 'X-A': 'a\r\nX-B: b' } });
  expect(probed).toMatchObject({ level: null, code: 'unable.kind' });
  expect(probed.text).toBe('headers.X-A: may not hold control characters');
  expect(request).toBe('');
});

test('a status outside the expected ones is down, and the text names both', async () => {
  const { probed } = await probe(says('HTTP/1.1 503 Oh no\r\nContent-Length: 0\r\n\r\n'));
  expect(probed).toMatchObject({ level: 500, code: 'http.status' });
  expect(probed.text).toBe('HTTP 503, expected 200-399');
  expect(probed.rttUs).toBeGreaterThan(0);
});

test('a status is judged by the ranges of the check', async () => {
  const answer = says('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
  const { probed } = await probe(answer, { expectStatus: '200-299, 401' });
  expect(probed).toMatchObject({ level: 100, code: 'ok' });
});

test('a body that matches is up and one that does not is down', async () => {
  const answer = says('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nall is ok');
  expect((await probe(answer, { bodyMatch: 'is (ok|fine)$' })).probed.code).toBe('ok');
  const { probed } = await probe(answer, { bodyMatch: '^degraded' });
  expect(probed).toMatchObject({ level: 400, code: 'http.body' });
  expect(probed.text).toBe('HTTP 200, the body does not match /^degraded/ (9 bytes)');
});

test('a pattern that would run for ever is stopped and said so', async () => {
  const body = `${'a'.repeat(60)}b`;
  const answer = says(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  const { probed } = await probe(answer, { bodyMatch: '^(a+)+$' });
  expect(probed).toMatchObject({ level: 400, code: 'http.body' });
  expect(probed.text).toBe('searching the body for /^(a+)+$/ took too long');
});

test('a body in another charset is read as what it says it is', async () => {
  const { probed } = await probe(
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n');
      socket.end(Buffer.from('schön', 'latin1'));
    },
    { bodyMatch: '^schön$' },
  );
  expect(probed.code).toBe('ok');
});

test.each([
  [
    'chunked, in pieces',
    [
      'HTTP/1.1 200 OK\r\nTransfer-Enc',
      'oding: chunked\r\n\r\n3\r',
      '\nall\r\n4;x=y\r\n is',
      ' \r\n2\r\nok\r\n0\r\nTrailer: 1\r\n',
      '\r\n',
    ],
  ],
  ['ended by the connection', ['HTTP/1.0 200 OK\r\n\r\nall ', 'is ok']],
  ['of a length, byte by byte', [...'HTTP/1.1 200 OK\nContent-Length: 9\n\nall is ok']],
  [
    'after interim answers',
    [
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nall is ok',
    ],
  ],
  ['with a folded header', ['HTTP/1.1 200\r\nX: a\r\n b\r\nContent-Length: 9, 9\r\n\r\nall is ok']],
])('a body %s is read whole', async (_, pieces) => {
  const { probed } = await probe(
    async (socket) => {
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise((next) => setImmediate(next));
      }
      socket.end();
    },
    { bodyMatch: '^all is ok$' },
  );
  expect(probed).toMatchObject({ level: 100, code: 'ok', text: '' });
});

test.each([
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n'],
  ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 70\r\n\r\n'],
])(
  '%s: an answer without a body is complete, though the connection stays open',
  async (method, answer) => {
    const { probed } = await probe((socket) => socket.write(answer), { method });
    expect(probed).toMatchObject({ level: 100, code: 'ok' });
  },
);

test('an answer slower than the limits is degraded, then down', async () => {
  const late: Behaviour = (socket) => setTimeout(() => socket.end(OK), 60);
  const degraded = (await probe(late, { degradedAfter: '50ms', downAfter: '10s' })).probed;
  expect(degraded).toMatchObject({ level: 250, code: 'slow' });
  expect(degraded.text).toMatch(/^\d+ ms, slower than 50 ms$/);
  const down = (await probe(late, { degradedAfter: '10ms', downAfter: '50ms' })).probed;
  expect(down).toMatchObject({ level: 400, code: 'slow' });
});

test('nothing listening is refused, and a full queue ends at the deadline', async () => {
  const target = `http://127.0.0.1:${await closedPort()}/`;
  const refused = await runProbe({ kind: 'http', target }, context);
  expect(refused).toMatchObject({ level: 500, rttUs: null, code: 'connect.refused' });

  const listener = await fullListener();
  cleanups.push(listener.close);
  const hung = await runProbe(
    { kind: 'http', target: `http://127.0.0.1:${listener.port}/` },
    { ...context, timeoutMs: 300 },
  );
  expect(hung).toMatchObject({ level: 500, code: 'connect.timeout' });
});
