import { afterEach, expect, test } from 'vitest';
import { runProbe } from '#runner/probes/index.ts';
import { probeInProcess } from '#test/support/probes/runAlone.ts';
import {
  AUTHORITY,
  type Behaviour,
  type Listening,
  rawServer,
  says,
  tlsServer,
} from '#test/support/probes/servers.ts';

const context = { timeoutMs: 2000, probesFolder: null };
const OK = says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
const cleanups: Array<() => unknown> = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(certificate: string, behave: Behaviour = OK): Promise<Listening> {
  const server = await tlsServer(certificate, behave);
  cleanups.push(server.close);
  return server;
}

const check = (port: number, fields: Record<string, unknown> = {}) => ({
  kind: 'http',
  target: `https://127.0.0.1:${port}/`,
  ...fields,
});

test('with the authority trusted, each fault of a certificate has its own name', async () => {
  const servers = await Promise.all(
    ['good', 'expired', 'future', 'elsewhere', 'alone'].map((name) => serve(name)),
  );
  const order = { configs: servers.map(({ port }) => check(port)) };
  const {
    probed: [good, expired, future, elsewhere, alone],
  } = await probeInProcess(order, {
    NODE_EXTRA_CA_CERTS: AUTHORITY,
  });
  expect(good).toMatchObject({ level: 100, code: 'ok' });
  expect(good?.phases?.tlsUs).toBeGreaterThan(0);
  expect(expired).toMatchObject({ level: 500, code: 'tls.expired' });
  expect(expired?.text).toMatch(
    /^certificate of 127\.0\.0\.1 expired \d+ days ago, on 2021-01-01$/,
  );
  expect(future).toMatchObject({ level: 500, code: 'tls.not_yet_valid' });
  expect(elsewhere).toMatchObject({ level: 500, code: 'tls.hostname' });
  expect(elsewhere?.text).toBe('certificate is for elsewhere.test, not for 127.0.0.1');
  expect(alone).toMatchObject({ level: 500, code: 'tls.self_signed' });
  const requests = servers.slice(1).map(({ received }) => received.join(''));
  expect(requests).toEqual(['', '', '', '']);
});

test('a chain that ends nowhere is untrusted, and nothing is sent', async () => {
  const server = await serve('good');
  expect(await runProbe(check(server.port), context)).toMatchObject({
    level: 500,
    code: 'tls.untrusted',
  });
  expect(server.received.join('')).toBe('');
});

test('a check may do without verification', async () => {
  const server = await serve('expired');
  const probed = await runProbe(check(server.port, { verifyTls: false }), context);
  expect(probed).toMatchObject({ level: 100, code: 'ok' });
});

test('a name is asked for in the handshake, an address is not', async () => {
  const asked: unknown[] = [];
  const server = await serve('good', (socket, request, connection) => {
    asked.push((socket as { servername?: unknown }).servername);
    OK(socket, request, connection);
  });
  const family = { verifyTls: false, family: '4' };
  await runProbe(check(server.port, family), context);
  const target = `https://localhost:${server.port}/`;
  await runProbe(check(server.port, { ...family, target }), context);
  expect(asked).toEqual([false, 'localhost']);
});

test.each<[string, Behaviour, string]>([
  ['speaks no TLS', (socket) => socket.write('220 mail.example ESMTP\r\n'), 'tls.failed'],
  ['hangs up within the handshake', (socket) => socket.end(), 'tls.failed'],
  ['resets within the handshake', (socket) => socket.resetAndDestroy(), 'connect.reset'],
  ['never answers the handshake', () => {}, 'timeout'],
])('a server that %s is named so', async (_, behave, code) => {
  const server = await rawServer(
    (socket, request, n) => socket.once('data', () => behave(socket, request, n)),
    { atOnce: true },
  );
  cleanups.push(server.close);
  const probed = await runProbe(check(server.port), { ...context, timeoutMs: 400 });
  expect(probed).toMatchObject({ level: 500, rttUs: null, code });
});

test.each<[string, Behaviour, string]>([
  [
    'hangs up',
    (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'),
    'closed_early',
  ],
  ['never answers', () => {}, 'timeout'],
])('behind TLS too, a server that %s is named so', async (_, behave, code) => {
  const server = await serve('good', behave);
  const probed = await runProbe(check(server.port, { verifyTls: false }), {
    ...context,
    timeoutMs: 400,
  });
  expect(probed).toMatchObject({ level: 500, code });
});
