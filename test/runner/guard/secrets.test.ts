import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { AssignedCheck } from '#core/wire/assignments.ts';
import { guarded } from '#runner/guard/guarded.ts';
import { DEFAULT_NETWORKS } from '#runner/guard/networks.ts';
import { type Secret, Secrets } from '#runner/guard/secrets.ts';
import { runProbe } from '#runner/probes/index.ts';
import { scriptFolder } from '#test/support/probes/scripts.ts';
import { type Behaviour, type Listening, rawServer, says } from '#test/support/probes/servers.ts';

const VALUE = 'Zq7+tide/"9 würzig&Co';
const TOKEN = 'tok_0123456789abcdef';

const secrets = new Map<string, Secret>([
  ['pass', { value: VALUE, hosts: ['127.0.0.1'], kinds: ['http'] }],
  ['token', { value: TOKEN, hosts: ['127.0.0.1', 'script:says'], kinds: ['http', 'script'] }],
  [
    'elsewhere',
    { value: 'only-for-others', hosts: ['*.example.org', '192.0.2.7'], kinds: ['http'] },
  ],
  ['evil', { value: 'x@192.0.2.66/', hosts: ['127.0.0.1'], kinds: ['http'] }],
]);
const probe = guarded(runProbe, {
  from: null,
  evidence: { privateBodies: false, route: false },
  networks: DEFAULT_NETWORKS,
  secrets: new Secrets(secrets),
});

const scripts = scriptFolder();
const servers: Listening[] = [];
afterAll(() => scripts.remove());
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(behave: Behaviour): Promise<Listening> {
  const server = await rawServer(behave);
  servers.push(server);
  return server;
}

const OK = says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
const ask = (config: AssignedCheck['config']) =>
  probe(config, { timeoutMs: 5000, probesFolder: scripts.folder });
const http = (server: Listening, fields: Record<string, unknown> = {}) =>
  ask({ kind: 'http', target: `http://127.0.0.1:${server.port}/`, ...fields });

describe('a secret', () => {
  it('stands in for its name in headers, body and address, and reaches the server as it is', async () => {
    const server = await serve(OK);
    const probed = await ask({
      kind: 'http',
      target: `http://ada:secret:pass@127.0.0.1:${server.port}/login?key=secret:token`,
      method: 'POST',
      headers: { 'X-Api-Key': 'Bearer secret:token' },
      body: '{"token":"secret:token","plain":"nosecret:token"}',
    });
    expect(probed).toMatchObject({ level: 100 });
    const [request = ''] = server.received;
    expect(request).toContain(`POST /login?key=${TOKEN} HTTP`);
    const basic = /Authorization: Basic (\S+)/.exec(request)?.[1] ?? '';
    expect(Buffer.from(basic, 'base64').toString()).toBe(`ada:${VALUE}`);
    expect(request).toContain(`X-Api-Key: Bearer ${TOKEN}`);
    expect(request).toContain(`{"token":"${TOKEN}","plain":"nosecret:token"}`);
  });

  it.each([
    [
      'of an unknown name',
      { headers: { A: 'secret:nobody' } },
      'secret:nobody is not in the file of this runner',
    ],
    [
      'for other hosts',
      { headers: { A: 'secret:elsewhere' } },
      'secret:elsewhere is not for 127.0.0.1 by the file of this runner',
    ],
    [
      'deep in a field',
      { body: 'a secret:elsewhere b' },
      'secret:elsewhere is not for 127.0.0.1 by the file of this runner',
    ],
  ])('%s is not sent, nor anything else', async (_, fields, text) => {
    const server = await serve(OK);
    expect(await http(server, fields)).toEqual({
      level: null,
      rttUs: null,
      code: 'unable.secret',
      text,
    });
    expect(server.received).toEqual([]);
  });

  it('for another kind of check is not used', async () => {
    scripts.add('says', 'echo "$@"');
    const probed = await ask({ kind: 'script', target: 'script:says', args: ['secret:pass'] });
    expect(probed).toMatchObject({
      code: 'unable.secret',
      text: 'secret:pass is not for checks of the kind "script" by the file of this runner',
    });
  });

  it('for one script is not given to another', async () => {
    scripts.add('tells', 'echo "$@"');
    const probed = await ask({ kind: 'script', target: 'script:tells', args: ['secret:token'] });
    expect(probed).toMatchObject({ code: 'unable.secret' });
  });

  it('cannot lead the probe to another host', async () => {
    const server = await serve(OK);
    const probed = await ask({
      kind: 'http',
      target: `http://secret:evil@127.0.0.1:${server.port}/`,
    });
    expect(probed).toMatchObject({ level: 100 });
    expect(server.received).toHaveLength(1);
  });

  it('is dropped when a redirect leads to another origin, wherever it stood', async () => {
    const other = await serve(OK);
    const server = await serve(
      says(`HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:${other.port}/take\r\n\r\n`),
    );
    const headers = { 'X-Api-Key': 'secret:token', 'X-Plain': 'stays' };
    await http(server, { method: 'POST', headers, body: 'k=secret:pass' });
    expect(server.received[0]).toContain(TOKEN);
    expect(server.received[0]).toContain(VALUE.slice(0, 8));
    const [request = ''] = other.received;
    expect(request).toContain('X-Plain: stays');
    expect(request).not.toContain(TOKEN);
    expect(request).not.toContain('k=');
  });

  it('is in nothing a script makes of it, however it is written or cut', async () => {
    const b64 = Buffer.from(`user:${TOKEN}`).toString('base64');
    scripts.add(
      'says',
      [
        `printf '{"Level":300,"Message":"denied for %s","Detail":{"%s":1,"b":"${b64}"}}' "$1" "$1"`,
        `printf '${TOKEN.slice(0, 12)}\\n${TOKEN.slice(5)}\\n%s' "$1" >&2`,
      ].join('\n'),
    );
    const probed = await ask({
      kind: 'script',
      target: 'script:says',
      args: ['secret:token'],
      protocol: 'wigo',
    });
    const told = JSON.stringify(probed);
    expect(told).toContain('[secret:token]');
    expect(told).not.toContain(TOKEN.slice(0, 8));
    expect(told).not.toContain(TOKEN.slice(-8));
    expect(told).not.toContain(b64.slice(10, 20));
  });

  it('is masked in what an expectation or an answer says of it', async () => {
    const server = await serve(
      says(`HTTP/1.1 302 Go\r\nLocation: gopher://${encodeURIComponent(VALUE)}\r\n\r\n`),
    );
    const redirected = await http(server, { headers: { A: 'secret:token' } });
    const mismatched = await http(await serve(OK), { bodyMatch: 'secret:token' });
    for (const { text } of [redirected, mismatched])
      expect(text).toMatch(/\[secret:(pass|token)\]/);
    expect(JSON.stringify([redirected, mismatched])).not.toMatch(/0123456789|w%C3%BCrzig/);
  });
});
