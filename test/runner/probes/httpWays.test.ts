// The ways an HTTP check can go: with a token, a client certificate, through a proxy, over HTTP/2.
import { readFileSync } from 'node:fs';
import { createServer as createH2c, createSecureServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { runProbe } from '#runner/probes/index.ts';
import { httpProxy, type ProxyServer, socksProxy } from '#test/support/probes/proxies.ts';
import {
  AUTHORITY,
  type Behaviour,
  closedPort,
  rawServer,
  says,
  tlsServer,
} from '#test/support/probes/servers.ts';

const context = { timeoutMs: 5000, probesFolder: null };
const cleanups: Array<() => unknown> = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function kept<T extends { close: () => unknown }>(server: T): T {
  cleanups.push(() => server.close());
  return server;
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const CERTS = AUTHORITY.replace(/authority\.crt$/, '');
const pem = (name: string) => readFileSync(CERTS + name, 'utf8');

function run(target: string, fields: Record<string, unknown> = {}, more = {}) {
  return runProbe({ kind: 'http', target, ...fields }, { ...context, ...more });
}

function said(status: string, body: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

describe('OAuth2 client credentials', () => {
  async function ask(endpoint: Behaviour, times = 1, target: Behaviour = says(OK)) {
    const [tokens, server] = [kept(await rawServer(endpoint)), kept(await rawServer(target))];
    const fields = {
      auth: 'oauth2',
      oauthUrl: `http://127.0.0.1:${tokens.port}/token`,
      clientId: 'anyup',
      clientSecret: 's:ecret',
      scope: 'health',
    };
    const probed = [];
    for (let turn = 0; turn < times; turn++) {
      probed.push(await run(`http://127.0.0.1:${server.port}/`, fields));
    }
    return { tokens, server, probed };
  }

  it('fetches a token once and keeps it until it runs out', async () => {
    const lasting = says(said('200 OK', '{"access_token":"t1","expires_in":3600}'));
    const { tokens, server, probed } = await ask(lasting, 3);
    expect(probed.map(({ code }) => code)).toEqual(['ok', 'ok', 'ok']);
    expect(tokens.received).toHaveLength(1);
    expect(tokens.received[0]).toContain(
      `Authorization: Basic ${Buffer.from('anyup:s%3Aecret').toString('base64')}\r\n`,
    );
    expect(tokens.received[0]).toContain('\r\n\r\ngrant_type=client_credentials&scope=health');
    for (const request of server.received) expect(request).toContain('Authorization: Bearer t1');
    const over = says(said('200 OK', '{"access_token":"t1","expires_in":-1}'));
    expect((await ask(over, 2)).tokens.received).toHaveLength(2);
  });

  it('fetches another when the target does not take it', async () => {
    const lasting = says(said('200 OK', '{"access_token":"t1"}'));
    const { tokens } = await ask(lasting, 2, says(said('401 Unauthorized', '')));
    expect(tokens.received).toHaveLength(2);
  });

  it('puts the secret into the body where the endpoint wants it there', async () => {
    const picky: Behaviour = (socket, request) =>
      socket.end(
        request.includes('client_secret=s%3Aecret')
          ? said('200 OK', '{"access_token":"t2"}')
          : said('401 Unauthorized', '{"error":"invalid_client"}'),
      );
    const { server, probed } = await ask(picky);
    expect(probed[0]).toMatchObject({ code: 'ok' });
    expect(server.received[0]).toContain('Bearer t2');
  });

  it('names a token endpoint that refuses, breaks off or talks nonsense; the target is not asked', async () => {
    const refused = await ask(says(said('400 Bad Request', '{"error":"invalid_scope"}')));
    expect(refused.probed[0]).toMatchObject({ level: 500, code: 'oauth.failed' });
    expect(refused.probed[0]?.text).toMatch(
      /^the token endpoint 127\.0\.0\.1:\d+ answered 400 \(invalid_scope\) and no access token$/,
    );
    expect(refused.server.received).toEqual([]);
    const broken = await ask((socket) => socket.end());
    expect(broken.probed[0]?.text).toMatch(/^the token endpoint .* closed the connection after/);
    const nonsense = await ask(says(said('200 OK', '<html>')));
    expect(nonsense.probed[0]?.text).toMatch(/answered 200 and no access token$/);
  });
});

describe('a client certificate', () => {
  async function server() {
    const listening = createTlsServer({
      key: pem('good.key'),
      cert: pem('good.crt'),
      ca: pem('authority.crt'),
      requestCert: true,
      rejectUnauthorized: true,
    });
    listening.on('tlsClientError', () => {});
    listening.on('secureConnection', (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(OK));
    });
    await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
    kept(listening);
    return `https://127.0.0.1:${(listening.address() as AddressInfo).port}/`;
  }

  it('is shown to a server that wants one', async () => {
    const target = await server();
    const good = { clientCert: pem('good.crt'), clientKey: pem('good.key'), verifyTls: false };
    expect(await run(target, good)).toMatchObject({ level: 100, code: 'ok' });
  });

  it('that is missing is named', async () => {
    const target = await server();
    const none = await run(target, { verifyTls: false });
    expect(none).toMatchObject({ level: 500, code: 'tls.client_certificate' });
    expect(none.text).toMatch(/wants a client certificate$/);
  });

  it('that does not belong to its key is the fault of the check', async () => {
    const torn = { clientCert: pem('good.crt'), clientKey: pem('alone.key'), verifyTls: false };
    expect(await run(await server(), torn)).toMatchObject({
      level: null,
      code: 'unable.credentials',
    });
  });
});

describe('a proxy', () => {
  const through = async (proxy: ProxyServer, scheme: string, target: string, fields = {}) => {
    kept(proxy);
    return run(target, { proxy: `${scheme}://127.0.0.1:${proxy.port}`, ...fields });
  };

  it('of HTTP is given whole addresses for http, and opens a tunnel for https', async () => {
    const proxy = await httpProxy();
    const plain = await through(proxy, 'http', 'http://nowhere.invalid/x', {
      bodyMatch: '^through the proxy$',
    });
    expect(plain).toMatchObject({ code: 'ok' });
    const server = kept(await tlsServer('good', says(OK)));
    const target = `https://127.0.0.1:${server.port}/`;
    const secured = await through(proxy, 'http', target, { verifyTls: false });
    expect(secured).toMatchObject({ code: 'ok' });
    expect(secured.phases).toHaveProperty('tlsUs');
    expect(proxy.asked).toEqual([
      'GET http://nowhere.invalid/x',
      `CONNECT 127.0.0.1:${server.port}`,
    ]);
  });

  it('of SOCKS5 is told the name to reach', async () => {
    const proxy = await socksProxy();
    const server = kept(await rawServer(says(OK)));
    const plain = await through(proxy, 'socks5', `http://localhost:${server.port}/`);
    expect(plain).toMatchObject({ code: 'ok' });
    const secure = kept(await tlsServer('good', says(OK)));
    const target = `https://127.0.0.1:${secure.port}/`;
    expect(await through(proxy, 'socks5', target, { verifyTls: false })).toMatchObject({
      code: 'ok',
    });
    expect(proxy.asked[0]).toBe(`socks localhost:${server.port}`);
  });

  it('that wants credentials gets those in its address, or says so', async () => {
    const proxy = kept(await httpProxy('me:p@ss'));
    const target = 'https://127.0.0.1:9/';
    const without = await run(target, { proxy: `http://127.0.0.1:${proxy.port}` });
    expect(without).toMatchObject({ level: 500, code: 'proxy.refused' });
    expect(without.text).toBe(
      'the proxy answered 407 (it wants a name and password) when asked for 127.0.0.1:9',
    );
    const address = `http://me:p%40ss@127.0.0.1:${proxy.port}`;
    const server = kept(await rawServer(says(OK)));
    const found = await run(`http://127.0.0.1:${server.port}/`, { proxy: address });
    expect(found).toMatchObject({ code: 'ok' });
  });

  it('that is not there or opens no way is named, not the target', async () => {
    const nobody = `http://127.0.0.1:${await closedPort()}`;
    const missing = await run('http://example.invalid/', { proxy: nobody });
    expect(missing).toMatchObject({ level: 500, code: 'proxy.unreachable' });
    expect(missing.text).toMatch(/^the proxy: connection refused by/);
    const refused = await through(await socksProxy(true), 'socks5', 'http://127.0.0.1:9/');
    expect(refused).toMatchObject({ level: 500, code: 'proxy.refused' });
    const silent = kept(await rawServer(() => {}));
    const late = await run(
      'https://127.0.0.1:9/',
      { proxy: `http://127.0.0.1:${silent.port}` },
      { timeoutMs: 300 },
    );
    expect(late).toMatchObject({ code: 'proxy.refused' });
    expect(late.text).toBe('the proxy opened no way within 300 ms');
  });
});

describe('HTTP/2', () => {
  async function listening(server: Http2Server): Promise<number> {
    const sessions = new Set<{ destroy: () => void }>();
    server.on('session', (session) => sessions.add(session));
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      stream.respond({ ':status': 200, 'set-cookie': ['a=1', 'b=2'] });
      stream.end(`${headers[':method']} ${headers[':path']} ${headers['x-key'] ?? ''}`);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    cleanups.push(() => {
      for (const session of sessions) session.destroy();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  const secure = () =>
    listening(createSecureServer({ key: pem('good.key'), cert: pem('good.crt') }));

  it.each(['2', 'auto'])(
    'with version %s is spoken where the server speaks it',
    async (version) => {
      const target = `https://127.0.0.1:${await secure()}/x?y=1`;
      const fields = {
        version,
        verifyTls: false,
        method: 'POST',
        body: 'hello',
        headers: { 'X-Key': 'k', Connection: 'close' },
        bodyMatch: '^POST /x\\?y=1 k$',
      };
      const probed = await run(target, fields, { explain: true });
      expect(probed).toMatchObject({ level: 100, code: 'ok' });
      expect(probed.detail).toMatch(/^HTTP\/2 200\n/);
      expect(probed.certificate).toMatch(/^subject: CN=good\n/);
      expect(probed.phases?.firstByteUs).toBeGreaterThan(0);
    },
  );

  it('is spoken without TLS when it is asked for', async () => {
    const port = await listening(createH2c());
    const target = `http://127.0.0.1:${port}/`;
    expect(await run(target, { version: '2', bodyMatch: '^GET / $' })).toMatchObject({
      code: 'ok',
    });
  });

  it('that a server does not speak is named; "auto" goes on without', async () => {
    const server = kept(await tlsServer('good', says(OK)));
    const target = `https://127.0.0.1:${server.port}/`;
    expect(await run(target, { version: '2', verifyTls: false })).toMatchObject({
      level: 500,
      code: 'http.version',
    });
    expect(await run(target, { version: 'auto', verifyTls: false })).toMatchObject({ code: 'ok' });
  });

  it('bodies over the limit, silence and broken streams end as they do elsewhere', async () => {
    const server = createH2c();
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      if (headers[':path'] === '/silent') return;
      if (headers[':path'] === '/reset') stream.close(2);
    });
    const endless = createH2c();
    endless.on('stream', (stream) => {
      stream.on('error', () => {});
      stream.respond({ ':status': 200 });
      const more = () => {
        if (!stream.destroyed && stream.write('x'.repeat(16_384))) setImmediate(more);
      };
      stream.on('drain', more);
      more();
    });
    const sessions = new Set<{ destroy: () => void }>();
    for (const each of [server, endless]) {
      each.on('session', (session) => sessions.add(session));
      await new Promise<void>((done) => each.listen(0, '127.0.0.1', done));
      cleanups.push(() => each.close());
    }
    cleanups.push(() => {
      for (const session of sessions) session.destroy();
    });
    const at = (each: Http2Server) => `http://127.0.0.1:${(each.address() as AddressInfo).port}`;
    const large = await run(at(endless), { version: '2', maxBytes: 100_000 });
    expect(large).toMatchObject({ level: 500, code: 'http.too_large' });
    const silent = await run(`${at(server)}/silent`, { version: '2' }, { timeoutMs: 300 });
    expect(silent).toMatchObject({ level: 500, code: 'timeout' });
    const reset = await run(`${at(server)}/reset`, { version: '2' });
    expect(reset).toMatchObject({ level: 500, code: 'http.invalid' });
  });
});

it('a certificate that ends soon degrades only where the check says so', async () => {
  const server = kept(await tlsServer('expired', says(OK)));
  const target = `https://127.0.0.1:${server.port}/`;
  const degraded = await run(target, { verifyTls: false, expiryDegraded: '7d' });
  expect(degraded).toMatchObject({ level: 250, code: 'tls.expired' });
  expect(degraded.metrics?.[0]).toMatchObject({ name: 'certificate', unit: 'd' });
  expect(await run(target, { verifyTls: false })).toMatchObject({ level: 100, code: 'ok' });
});

it('a server name instead of that of the address is asked for and must be in the certificate', async () => {
  const server = kept(await tlsServer('elsewhere', says(OK)));
  const target = `https://127.0.0.1:${server.port}/`;
  const probed = await run(target, { serverName: 'elsewhere.test' });
  // Without the authority trusted the name alone is right.
  expect(probed).toMatchObject({ code: 'tls.untrusted' });
  expect(probed.text).toContain('certificate of elsewhere.test');
});
