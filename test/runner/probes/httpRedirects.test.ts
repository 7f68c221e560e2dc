import { afterEach, expect, test } from 'vitest';
import { runProbe } from '#runner/probes/index.ts';
import { type Behaviour, type Listening, rawServer } from '#test/support/probes/servers.ts';

const context = { timeoutMs: 2000, probesFolder: null };
const cleanups: Array<() => unknown> = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(behave: Behaviour): Promise<Listening> {
  const server = await rawServer(behave);
  cleanups.push(server.close);
  return server;
}

/** Sends each path where the table says, and is content with every other. */
function sends(table: Record<string, [status: number, location: string]>): Behaviour {
  return (socket, request) => {
    const path = request.split(' ')[1] ?? '';
    const [status, location] = table[path] ?? [200, ''];
    const header = location === '' ? '' : `Location: ${location}\r\n`;
    socket.end(`HTTP/1.1 ${status} Moved\r\n${header}Content-Length: 4\r\n\r\ndone`);
  };
}

function paths(server: Listening): string[] {
  return server.received.map((request) => request.split(' HTTP/')[0] ?? '');
}

const probe = (server: Listening, fields: Record<string, unknown> = {}) =>
  runProbe({ kind: 'http', target: `http://127.0.0.1:${server.port}/a/b`, ...fields }, context);

test('redirects are followed, relative ones from where they were given', async () => {
  const other = await serve(sends({}));
  const server = await serve(
    sends({
      '/a/b': [301, 'c?d=1'],
      '/a/c?d=1': [302, '/e'],
      '/e': [307, `http://127.0.0.1:${other.port}/f`],
    }),
  );
  const probed = await probe(server, { expectStatus: '200', bodyMatch: '^done$' });
  expect(probed).toMatchObject({ level: 100, code: 'ok' });
  expect(paths(server)).toEqual(['GET /a/b', 'GET /a/c?d=1', 'GET /e']);
  expect(paths(other)).toEqual(['GET /f']);
});

test('the times of all hops add up', async () => {
  const server = await serve(sends({ '/a/b': [302, '/c'] }));
  const { phases, rttUs } = await probe(server);
  expect(phases?.totalUs).toBe(rttUs);
  expect(phases?.totalUs).toBeGreaterThanOrEqual(
    (phases?.connectUs ?? 0) + (phases?.firstByteUs ?? 0),
  );
});

test('with no redirects to follow, the redirect itself is judged', async () => {
  const server = await serve(sends({ '/a/b': [302, '/c'] }));
  expect(await probe(server, { followRedirects: 0 })).toMatchObject({ code: 'ok' });
  expect(await probe(server, { followRedirects: 0, expectStatus: '200' })).toMatchObject({
    code: 'http.status',
    text: 'HTTP 302, expected 200',
  });
});

test('a loop is found at once', async () => {
  const server = await serve(sends({ '/a/b': [302, '/c'], '/c': [302, '/a/b'] }));
  const probed = await probe(server);
  expect(probed).toMatchObject({ level: 500, code: 'http.redirects' });
  expect(probed.text).toBe(`redirects lead back to http://127.0.0.1:${server.port}/a/b`);
  expect(server.received).toHaveLength(2);
});

test('more redirects than allowed are too many', async () => {
  const server = await serve((socket, request) => {
    const n = Number(/\d+$/.exec(request.split(' ')[1] ?? '')?.[0] ?? 0);
    socket.end(`HTTP/1.1 302 Found\r\nLocation: /n${n + 1}\r\n\r\n`);
  });
  const probed = await probe(server, { followRedirects: 3 });
  expect(probed).toMatchObject({ level: 500, code: 'http.redirects' });
  expect(probed.text).toMatch(/^more than 3 redirects, the last to http:.*\/n4$/);
  expect(server.received).toHaveLength(4);
});

test.each([
  [301, 'POST', 'GET'],
  [302, 'POST', 'GET'],
  [303, 'PUT', 'GET'],
  [303, 'HEAD', 'HEAD'],
  [301, 'PUT', 'PUT'],
  [307, 'POST', 'POST'],
  [308, 'POST', 'POST'],
])('after a %i, %s goes on as %s', async (status, method, next) => {
  const server = await serve(sends({ '/a/b': [status, '/c'] }));
  const body = method === 'HEAD' ? {} : { body: 'payload' };
  await probe(server, { method, ...body, headers: { 'Content-Type': 'text/x' } });
  const second = server.received[1] ?? '';
  expect(second.startsWith(`${next} /c `)).toBe(true);
  expect(second.includes('payload')).toBe(next === method && method !== 'HEAD');
  if (next === 'GET') expect(second).not.toContain('Content-');
});

test('credentials stay with the server they were meant for', async () => {
  const other = await serve(sends({}));
  const location = `http://127.0.0.1:${other.port}/there`;
  const server = await serve(sends({ '/a/b': [302, '/here'], '/here': [302, location] }));
  const headers = {
    Authorization: 'Bearer t',
    Cookie: 'c=1',
    Host: 'virtual.test',
    'X-Trace': '7',
  };
  await probe(server, { headers });
  expect(server.received[1]).toMatch(
    /Cookie: c=1\r\nAuthorization: Bearer t\r\nHost: virtual\.test/,
  );
  expect(other.received[0]).not.toMatch(/Authorization|Cookie|virtual/);
  expect(other.received[0]).toContain(`Host: 127.0.0.1:${other.port}\r\n`);
  expect(other.received[0]).toContain('X-Trace: 7\r\n');
});

test('a redirect to something that is no web address is said so', async () => {
  const server = await serve(sends({ '/a/b': [302, 'ftp://127.0.0.1/x'] }));
  expect(await probe(server)).toMatchObject({ level: 500, code: 'http.redirects' });
});
