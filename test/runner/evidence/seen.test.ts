// What a guarded probe hands over as evidence, on real sockets.
import { afterEach, describe, expect, it } from 'vitest';
import { evidencePackSchema } from '#core/wire/evidence.ts';
import type { Wanted } from '#runner/evidence/seen.ts';
import { guarded } from '#runner/guard/guarded.ts';
import { DEFAULT_NETWORKS, isPrivate } from '#runner/guard/networks.ts';
import { type Secret, Secrets } from '#runner/guard/secrets.ts';
import { runProbe } from '#runner/probes/index.ts';
import {
  type Behaviour,
  type Listening,
  rawServer,
  says,
  tlsServer,
} from '#test/support/probes/servers.ts';

const TOKEN = 'tok_0123456789abcdef';
const secrets = new Map<string, Secret>([
  ['token', { value: TOKEN, hosts: ['127.0.0.1'], kinds: ['http'] }],
]);
const servers: Listening[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(starting: Promise<Listening>): Promise<Listening> {
  const server = await starting;
  servers.push(server);
  return server;
}

const answering = (behave: Behaviour) => serve(rawServer(behave));

async function probe(
  config: { kind: string; target: string } & Record<string, unknown>,
  { wanted = 'bad' as Wanted, privateBodies = true } = {},
) {
  const guard = {
    from: null,
    networks: DEFAULT_NETWORKS,
    secrets: new Secrets(secrets),
    evidence: { privateBodies, route: false },
  };
  const context = { timeoutMs: 5000, probesFolder: null, evidence: wanted };
  const probed = await guarded(runProbe, guard)(config, context);
  if (probed.evidence) {
    // Whatever a server says, the worker will take it.
    const { level, code, text, evidence: seen } = probed;
    const pack = { v: 1, checkId: 1, turn: 'failure', at: 1, level, code, text, seen };
    expect(evidencePackSchema.parse(pack)).toEqual(pack);
    expect(Buffer.byteLength(JSON.stringify(pack))).toBeLessThan(64 * 1024);
  }
  return probed;
}

const http = (server: Listening, fields: Record<string, unknown> = {}) => ({
  kind: 'http',
  target: `http://127.0.0.1:${server.port}/`,
  ...fields,
});

const answer = (status: string, body: string, headers = '') =>
  says(`HTTP/1.1 ${status}\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);

describe('a failure', () => {
  it('shows the addresses, the head of the answer and the beginning of its body', async () => {
    const long = `database is read-only\n${'x'.repeat(9000)}`;
    const server = await answering(answer('500 No', long, 'Server: nginx\r\n'));
    const { evidence } = await probe(http(server));
    expect(evidence).toMatchObject({
      addresses: ['127.0.0.1'],
      peer: '127.0.0.1',
      chain: [],
      response: {
        version: 'HTTP/1.1',
        status: 500,
        headers: [
          ['server', 'nginx'],
          ['content-length', String(long.length)],
        ],
        body: { bytes: long.length, text: long.slice(0, 2048) },
      },
    });
  });

  it('of a good status whose body is wrong shows that body too', async () => {
    const server = await answering(answer('200 OK', 'maintenance'));
    const { evidence } = await probe(http(server, { bodyMatch: 'welcome' }));
    expect(evidence?.response?.body).toEqual({ bytes: 11, text: 'maintenance' });
  });

  it('without a connection shows what was tried', async () => {
    const server = await rawServer(says(''));
    await server.close();
    const { code, evidence } = await probe({
      kind: 'tcp',
      target: `127.0.0.1:${server.port}`,
    });
    expect(code).toBe('connect.refused');
    expect(evidence).toEqual({ addresses: ['127.0.0.1'], peer: null, chain: [], response: null });
  });

  it('that breaks off shows as much as came', async () => {
    const server = await answering((socket) =>
      socket.end('HTTP/1.1 503 Gone\r\nContent-Length: 500\r\n\r\nhalf an ans'),
    );
    const { code, evidence } = await probe(http(server));
    expect(code).toBe('closed_early');
    expect(evidence?.response).toMatchObject({
      status: 503,
      body: { bytes: 11, text: 'half an ans' },
    });
  });

  it.each(['http', 'tls', 'tcp'])('over TLS (%s) shows the certificates', async (kind) => {
    const server = await serve(tlsServer('expired', says('')));
    const target =
      kind === 'http' ? `https://127.0.0.1:${server.port}/` : `127.0.0.1:${server.port}`;
    const fields = kind === 'tcp' ? { tls: 'at once' } : {};
    const { evidence } = await probe({ kind, target, ...fields });
    expect(evidence?.chain[0]).toMatchObject({
      subject: expect.stringContaining('CN='),
      notAfterAt: Date.UTC(2021, 0, 1),
    });
  });
});

it('after a handshake that went well the whole chain is shown, although the connection is gone', async () => {
  const server = await serve(tlsServer('good', answer('500 No', 'broken')));
  const { code, evidence } = await probe({
    kind: 'http',
    target: `https://127.0.0.1:${server.port}/`,
    verifyTls: false,
  });
  expect(code).toBe('http.status');
  expect(evidence?.chain.length).toBeGreaterThan(0);
  expect(evidence?.response).toMatchObject({ status: 500, body: { text: 'broken' } });
});

it('a recovery shows what is well again, and a good reading nobody waits for shows nothing', async () => {
  const server = await answering(answer('200 OK', 'welcome'));
  const { evidence } = await probe(http(server), { wanted: 'good' });
  expect(evidence?.response).toMatchObject({ status: 200, body: { text: 'welcome' } });
  expect((await probe(http(server))).evidence).toBeUndefined();
});

it('a body from a private address stays where it is unless the owner of the runner allows it', async () => {
  const server = await answering(answer('500 No', 'internal names', 'Server: nginx\r\n'));
  const { evidence } = await probe(http(server), { privateBodies: false });
  expect(evidence?.response).toMatchObject({
    status: 500,
    body: { bytes: 14, withheld: 'private' },
  });
  expect(JSON.stringify(evidence)).not.toContain('internal names');
});

it.each([
  ['10.1.2.3', true],
  ['172.31.0.1', true],
  ['192.168.7.7', true],
  ['100.64.1.1', true],
  ['127.0.0.1', true],
  ['169.254.1.1', true],
  ['::1', true],
  ['fd12::1', true],
  ['fe80::1%eth0', true],
  ['::ffff:10.0.0.1', true],
  ['64:ff9b::a00:1', true],
  ['192.0.2.1', false],
  ['172.32.0.1', false],
  ['2001:db8::1', false],
  ['::ffff:192.0.2.1', false],
])('%s is private: %s', (address, is) => {
  expect(isPrivate(address)).toBe(is);
});

it('secrets and credentials are not in it, however the server repeats them', async () => {
  const password = 'correct horse battery';
  const server = await answering((socket, request) => {
    const text = `${request}\n${TOKEN}\n${encodeURIComponent(password)} ${'y'.repeat(1700)} ${TOKEN}`;
    answer('500 No', text, `Set-Cookie: sid=abc\r\nX-Echo: ${TOKEN}\r\nX-Auth-Token: q1w2\r\n`)(
      socket,
      request,
      0,
    );
  });
  const { evidence } = await probe(
    http(server, {
      auth: 'basic',
      username: 'ada',
      password,
      headers: { 'X-Key': 'secret:token' },
    }),
  );
  const said = JSON.stringify(evidence);
  expect(said).toContain('[secret:token]');
  expect(evidence?.response?.headers).toEqual(
    expect.arrayContaining([
      ['set-cookie', '[not shown]'],
      ['x-auth-token', '[not shown]'],
      ['x-echo', '[secret:token]'],
    ]),
  );
  for (const text of [TOKEN, password, encodeURIComponent(password), 'sid=abc', 'q1w2']) {
    expect(said).not.toContain(text);
  }
  expect(said).not.toContain(Buffer.from(`ada:${password}`).toString('base64').slice(8, 24));
});

it('a token fetched for the check is not in it, neither from where it came nor where it went', async () => {
  const issued = 'issued-5f3a9c1e77';
  const login = await answering(answer('200 OK', JSON.stringify({ access_token: issued })));
  const server = await answering((socket, request) =>
    answer('500 No', `you sent ${request}`)(socket, request, 0),
  );
  const fields = {
    auth: 'oauth2',
    oauthUrl: `http://127.0.0.1:${login.port}/token`,
    clientId: 'a',
    clientSecret: 'b-secret-of-the-client',
  };
  const { evidence } = await probe(http(server, fields));
  expect(server.received.join('')).toContain(issued);
  expect(evidence?.response?.body?.text).toContain('you sent');
  expect(JSON.stringify(evidence)).not.toContain(issued);
  const refusing = await answering(answer('400 No', `{"error":"x","token":"${issued}"}`));
  const refused = await probe(
    http(server, { ...fields, oauthUrl: `http://127.0.0.1:${refusing.port}/token` }),
  );
  expect(refused.code).toBe('oauth.failed');
  expect(JSON.stringify(refused.evidence)).not.toContain(issued);
});

it.each([
  ['bytes that are no text', 'a\u0000b', '', { withheld: 'binary' }],
  ['what is packed', 'xyzxyz', 'Content-Encoding: gzip\r\n', { withheld: 'packed' }],
  ['control characters', 'a\u001b[31mb\u0007', '', { text: 'a·[31mb·' }],
  ['markup', '<script>alert(1)</script>', '', { text: '<script>alert(1)</script>' }],
])('%s: shown as text or not at all', async (_, body, headers, shown) => {
  const server = await answering(answer('500 No', body, headers));
  const { evidence } = await probe(http(server));
  expect(evidence?.response?.body).toMatchObject(shown);
});

it('a server that says as much as it can stays within bounds', async () => {
  const many = Array.from({ length: 60 }, (_, n) => `X-${n}: ${'x'.repeat(700)}\r\n`).join('');
  const server = await answering(answer('500 No', '\u0001'.repeat(100_000), many));
  const { evidence } = await probe(http(server));
  expect(evidence?.response?.headers.length).toBeGreaterThan(5);
});

it('nor does masking make it longer than the worker takes', async () => {
  const server = await answering(answer('500 No', `${TOKEN.slice(0, 8)} `.repeat(220)));
  const { evidence } = await probe(http(server, { headers: { 'X-Key': 'secret:token' } }));
  expect(evidence?.response?.body?.text).toMatch(/^\[secret:token\] /);
});

it('of a name server that a check asks there is none: it is not what the check looks at', async () => {
  const server = await rawServer(says(''));
  await server.close();
  const { level, evidence } = await probe({
    kind: 'dns',
    target: 'example.test',
    resolver: `tcp://127.0.0.1:${server.port}`,
  });
  expect(level).toBeGreaterThan(199);
  expect(evidence).toBeUndefined();
});
