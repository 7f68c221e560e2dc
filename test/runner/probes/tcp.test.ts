import { afterEach, describe, expect, test } from 'vitest';
import { runProbe } from '#runner/probes/index.ts';
import { probeInOwnNetwork, probeInProcess } from '#test/support/probes/runAlone.ts';
import {
  AUTHORITY,
  type Behaviour,
  closedPort,
  fullListener,
  type Listening,
  rawServer,
  tlsServer,
} from '#test/support/probes/servers.ts';
import { until } from '#test/support/until.ts';

const context = { timeoutMs: 2000, probesFolder: null };
const cleanups: Array<() => unknown> = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

test('a port that accepts is up, and the RTT is the time of the connect', async () => {
  const server = await rawServer(() => {});
  cleanups.push(server.close);
  const probed = await runProbe({ kind: 'tcp', target: `127.0.0.1:${server.port}` }, context);
  expect(probed).toMatchObject({ level: 100, code: 'ok', text: '' });
  expect(probed.rttUs).toBeGreaterThan(0);
  expect(probed.phases).toEqual({ connectUs: probed.rttUs });
});

test('the RTT is that of the handshake, however late the runner comes to hear of it', async () => {
  const server = await rawServer(() => {});
  cleanups.push(server.close);
  const config = { kind: 'tcp', target: `127.0.0.1:${server.port}` };
  // Whatever is loaded at the first check is there.
  await runProbe(config, context);
  const probing = runProbe(config, context);
  await new Promise((resolve) => setImmediate(resolve));
  const heldMs = 150;
  for (const from = performance.now(); performance.now() - from < heldMs; );
  const { rttUs } = await probing;
  expect(rttUs).toBeGreaterThan(0);
  expect(rttUs).toBeLessThan((heldMs * 1000) / 2);
});

test('an IPv6 address works the same', async () => {
  const server = await rawServer(() => {}, { host: '::1' });
  cleanups.push(server.close);
  const probed = await runProbe({ kind: 'tcp', target: `[::1]:${server.port}` }, context);
  expect(probed).toMatchObject({ level: 100, code: 'ok' });
});

test('a closed port is refused, and the text names the address and the time', async () => {
  const port = await closedPort();
  const probed = await runProbe({ kind: 'tcp', target: `127.0.0.1:${port}` }, context);
  expect(probed).toMatchObject({ level: 500, rttUs: null, code: 'connect.refused' });
  expect(probed.text).toMatch(
    new RegExp(`^connection refused by 127\\.0\\.0\\.1:${port} after [\\d.]+ ms$`),
  );
});

test('a listener whose queue is full ends at the deadline', async () => {
  const listener = await fullListener();
  cleanups.push(listener.close);
  const target = `127.0.0.1:${listener.port}`;
  const probed = await runProbe({ kind: 'tcp', target }, { ...context, timeoutMs: 400 });
  expect(probed).toMatchObject({ level: 500, rttUs: null, code: 'connect.timeout' });
  expect(probed.text).toBe(`no answer from ${target} within 400 ms`);
});

test('an address that cannot be reached at all is down, unless the machine lacks the family', async () => {
  const here = await runProbe({ kind: 'tcp', target: '127.255.255.255:80' }, context);
  const configs = [
    { kind: 'tcp', target: '198.51.100.1:80' },
    { kind: 'tcp', target: '[2001:db8::1]:80' },
  ];
  const {
    probed: [v4, v6],
  } = await probeInOwnNetwork({ configs });
  expect(v4).toMatchObject({ level: null, code: 'unable.family' });
  expect(v6).toMatchObject({ level: null, code: 'unable.family' });
  expect(v6?.text).toBe('no IPv6 on this runner to reach [2001:db8::1]:80 with');
  // Whether the broadcast address is out of reach or out of family depends on the machine having any address at all.
  expect(['connect.unreachable', 'unable.family']).toContain(here.code);
});

test('the other family than asked for is refused before anything is sent', async () => {
  const config = { kind: 'tcp', target: '127.0.0.1:80', family: '6' };
  expect(await runProbe(config, context)).toMatchObject({
    level: 500,
    code: 'dns.not_found',
    text: '127.0.0.1 is not an IPv6 address',
  });
});

test('every address of a name is tried until one accepts', async () => {
  const {
    probed: [probed],
  } = await probeInOwnNetwork({
    configs: [{ kind: 'tcp', target: 'two.test:8080' }],
    names: { 'two.test': ['127.0.0.3', '127.0.0.2'], '': 'empty' },
    listen: [{ host: '127.0.0.2', port: 8080 }],
  });
  expect(probed).toMatchObject({ level: 100, code: 'ok' });
  expect(probed?.phases?.dnsUs).toBeGreaterThan(0);
  expect(probed?.rttUs).toBe(probed?.phases?.connectUs);
});

test('when no address accepts, the reason names each of them', async () => {
  const {
    probed: [probed],
  } = await probeInOwnNetwork({
    configs: [{ kind: 'tcp', target: 'two.test:8080' }],
    names: { 'two.test': ['127.0.0.3', '127.0.0.2'], '': 'empty' },
  });
  expect(probed).toMatchObject({ level: 500, code: 'connect.refused' });
  expect(probed?.text).toMatch(
    /127\.0\.0\.[23]:8080 after .*; connection refused by 127\.0\.0\.[23]/,
  );
});

describe('a service that is spoken to', () => {
  const probe = (port: number, fields: Record<string, unknown>, timeoutMs = 10_000) =>
    runProbe({ kind: 'tcp', target: `127.0.0.1:${port}`, ...fields }, { ...context, timeoutMs });

  async function serve(behave: Behaviour, atOnce = true): Promise<Listening> {
    const server = await rawServer(behave, { atOnce });
    cleanups.push(server.close);
    return server;
  }

  test('is up once its greeting is as expected, and the greeting is shown', async () => {
    const { port } = await serve((socket) => socket.write('220 mail.test ESMTP "x"\r\n'));
    const probed = await probe(port, { expect: '220 ' });
    expect(probed).toMatchObject({ level: 100, code: 'ok', text: '' });
    expect(probed.detail).toBe('220 mail.test ESMTP "x"');
    const { connectUs = 0, firstByteUs = 0, totalUs = 0 } = probed.phases ?? {};
    expect(firstByteUs).toBeGreaterThan(0);
    expect(probed.rttUs).toBe(totalUs);
    expect(totalUs).toBeGreaterThanOrEqual(connectUs);
  });

  test('gets what the check sends, escapes and all', async () => {
    const server = await serve((socket) =>
      socket.on('data', (bytes) => socket.write(`${bytes.toString('hex')} +PONG`)),
    );
    const probed = await probe(server.port, {
      ...{ send: 'PING\\r\\n\\x00\\\\é', expect: '+PONG', expectMatch: '^50494e47' },
    });
    expect(probed).toMatchObject({ level: 100, code: 'ok' });
    expect(probed.detail).toBe('50494e470d0a005cc3a9 +PONG');
  });

  test('gets what is sent even where no answer is expected', async () => {
    const server = await serve(() => {});
    expect(await probe(server.port, { send: 'bye\\n' })).toMatchObject({ level: 100, code: 'ok' });
    expect(
      await until(
        () => server.received.join(),
        (all) => all !== '',
      ),
    ).toBe('bye\n');
  });

  test.each<[string, Behaviour, number, string, RegExp]>([
    [
      'says something else',
      (s) => s.write('500 no\r\n'),
      400,
      'tcp.answer',
      /^"500 no" came from \S+ within 400 ms, not "OK"$/,
    ],
    [
      'says something else and closes',
      (s) => s.end('-ERR'),
      400,
      'tcp.answer',
      /closed the connection after "-ERR", not "OK"$/,
    ],
    ['says nothing', () => {}, 500, 'timeout', /^nothing came from \S+ within 400 ms, not "OK"$/],
    [
      'closes at once',
      (s) => s.end(),
      500,
      'closed_early',
      /closed the connection after nothing, not "OK"$/,
    ],
    ['resets', (s) => s.resetAndDestroy(), 500, 'connect.reset', /connection reset by/],
    ['drips', (s) => drip(s), 400, 'tcp.answer', /^"x+" came from/],
    [
      'greets without end',
      (s) => pour(s),
      500,
      'too_much',
      /^64 KiB came from \S+ without "OK", beginning with "xx/,
    ],
  ])('and %s is named so', async (_, behave, level, code, text) => {
    const { port } = await serve(behave);
    const waits = text.source.includes('came from') && code !== 'too_much';
    const probed = await probe(port, { expect: 'OK' }, waits ? 400 : 10_000);
    expect(probed).toMatchObject({ level, code });
    expect(probed.text).toMatch(text);
  });

  test('is judged by what came, though a pattern runs away', async () => {
    const { port } = await serve((socket) => socket.write(`${'a'.repeat(40)}!`));
    const probed = await probe(port, { expectMatch: '^(a+)+$' });
    expect(probed).toMatchObject({ level: 400, code: 'tcp.answer' });
    expect(probed.text).toBe('searching the answer for /^(a+)+$/ took too long');
  });

  test('and sends in pieces is understood as a whole', async () => {
    const { port } = await serve((socket) => {
      socket.write('+PO');
      setTimeout(() => socket.write('NG'), 50);
    });
    expect(await probe(port, { expect: '+PONG' })).toMatchObject({ level: 100, detail: '+PONG' });
  });

  test('may do so within TLS, whose certificate is verified', async () => {
    const server = await tlsServer('good', (socket) => socket.write('hello'));
    cleanups.push(server.close);
    const target = `127.0.0.1:${server.port}`;
    const config = { kind: 'tcp', target, tls: 'at once', send: 'x\\r\\n\\r\\n', expect: 'hello' };
    const trust = { NODE_EXTRA_CA_CERTS: AUTHORITY };
    const { probed } = await probeInProcess(
      { configs: [config, { ...config, serverName: 'x.test' }] },
      trust,
    );
    expect(probed.map(({ level, code }) => [level, code])).toEqual([
      [100, 'ok'],
      [500, 'tls.hostname'],
    ]);
    expect(probed[0]?.phases?.tlsUs).toBeGreaterThan(0);
    expect(probed[0]?.metrics?.[0]).toMatchObject({ name: 'certificate', unit: 'd' });
    expect(await runProbe(config, context)).toMatchObject({ level: 500, code: 'tls.untrusted' });
    expect(await runProbe({ ...config, verifyTls: false }, context)).toMatchObject({ level: 100 });
  });
});

type Peer = Parameters<Behaviour>[0];

function drip(socket: Peer): void {
  const dripping = setInterval(() => socket.write('x'), 10);
  socket.on('close', () => clearInterval(dripping));
}

function pour(socket: Peer): void {
  const more = () => {
    while (!socket.destroyed && socket.write('x'.repeat(8192)));
  };
  socket.on('drain', more);
  more();
}
