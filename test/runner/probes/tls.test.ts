import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Probed } from '#runner/probe.ts';
import { runProbe } from '#runner/probes/index.ts';
import { judgeStaple } from '#runner/tls/staple.ts';
import { Authority } from '#test/support/certs/authority.ts';
import { type Nginx, startNginx } from '#test/support/nginx.ts';
import { type Order, probeInProcess } from '#test/support/probes/runAlone.ts';
import { type Behaviour, closedPort, rawServer } from '#test/support/probes/servers.ts';
import { startTlsServer } from '#test/support/probes/starttls.ts';

const NAMES = [
  ...['good', 'expired', 'soon', 'sooner', 'future', 'elsewhere', 'alone', 'revoked', 'stapled'],
  ...['delegated', 'usurped', 'mismatched', 'old', 'smtp', 'imap', 'pop3'],
] as const;

let authority: Authority;
let nginx: Nginx<(typeof NAMES)[number]>;

beforeAll(async () => {
  authority = new Authority();
  const good = authority.issue('good');
  const stapled = authority.issue('stapled');
  const revoked = authority.issue('revoked');
  authority.issue('responder', { extra: 'extendedKeyUsage=OCSPSigning' });
  authority.issue('usurper');
  authority.revoke('revoked');
  const from = (name: string, options = {}) =>
    authority.staple('stapled', { as: name, ...options });
  nginx = await startNginx({
    good,
    expired: authority.issue('expired', { until: -2.5 }),
    soon: authority.issue('soon', { until: 10.5 }),
    sooner: authority.issue('sooner', { until: 1.5 }),
    future: authority.issue('future', { from: 3.5 }),
    elsewhere: authority.issue('elsewhere', { names: 'DNS:elsewhere.test' }),
    alone: authority.selfSigned('alone'),
    revoked: { ...revoked, staple: authority.staple('revoked') },
    stapled: { ...stapled, staple: from('stapled') },
    delegated: { ...stapled, staple: from('delegated', { signer: 'responder' }) },
    usurped: { ...stapled, staple: from('usurped', { signer: 'usurper' }) },
    mismatched: { ...good, staple: from('mismatched') },
    old: { ...good, protocols: 'TLSv1.2' },
    smtp: { ...good, mail: 'smtp' },
    imap: { ...good, mail: 'imap' },
    pop3: { ...good, mail: 'pop3' },
  });
}, 60_000);

afterAll(async () => {
  await nginx?.stop();
  authority?.remove();
});

type Fields = Record<string, unknown>;

function check(name: (typeof NAMES)[number], fields: Fields = {}) {
  return { kind: 'tls', target: `127.0.0.1:${nginx.ports[name]}`, ...fields };
}

/** In a process that trusts the authority. */
async function probeAll(configs: Order['configs']): Promise<Probed[]> {
  const trust = { NODE_EXTRA_CA_CERTS: authority.certificate };
  return (await probeInProcess({ configs, timeoutMs: 10_000 }, trust)).probed;
}

const outcome = ({ level, code }: Probed) => [level, code];

test('a good certificate is up, and what it says is told', async () => {
  const [probed] = await probeAll([check('good')]);
  expect(probed).toMatchObject({ level: 100, code: 'ok', text: '' });
  expect(probed?.metrics).toEqual([{ name: 'certificate', value: expect.any(Number), unit: 'd' }]);
  expect(Math.round(probed?.metrics?.[0]?.value ?? 0)).toBe(400);
  expect(probed?.detail).toMatch(
    /^subject: CN=good\nnames: DNS:localhost, .*\nissuer: CN=Test authority\nvalid: .* days left\)\nprotocol: TLSv1\.3, TLS_\w+\nSHA-256: [0-9a-f]{64}\nOCSP: nothing stapled$/,
  );
  const { connectUs = 0, tlsUs = 0 } = probed?.phases ?? {};
  expect(tlsUs).toBeGreaterThan(0);
  expect(probed?.rttUs).toBeGreaterThanOrEqual(connectUs + tlsUs);
});

test('each fault of a certificate has its own name, and says by how much', async () => {
  const faults = ['expired', 'future', 'elsewhere', 'alone', 'soon', 'sooner'] as const;
  const probed = await probeAll(faults.map((name) => check(name)));
  expect(probed.map(({ level, code, text }) => [level, code, text])).toEqual([
    [
      500,
      'tls.expired',
      expect.stringMatching(/^certificate of 127\.0\.0\.1 expired 2 days ago, on \d{4}-\d\d-\d\d$/),
    ],
    [
      500,
      'tls.not_yet_valid',
      expect.stringMatching(/ is not valid before \d{4}-\d\d-\d\d, in 3 days$/),
    ],
    [500, 'tls.hostname', 'certificate is for elsewhere.test, not for 127.0.0.1'],
    [500, 'tls.self_signed', 'certificate of 127.0.0.1 is signed by itself'],
    [250, 'tls.expires_soon', expect.stringMatching(/ expires in 10 days, on /)],
    [400, 'tls.expires_soon', expect.stringMatching(/ expires in 1 day, on /)],
  ]);
  expect(probed.map(({ metrics }) => Math.floor(metrics?.[0]?.value ?? 0))).toEqual([
    -3, 399, 399, 399, 10, 1,
  ]);
});

test('how long before its end a certificate is told is for the check to say', async () => {
  const probed = await probeAll([
    check('soon', { warnBefore: '7d' }),
    check('soon', { critBefore: '11d' }),
    check('good', { warnBefore: '500d' }),
  ]);
  expect(probed.map(outcome)).toEqual([
    [100, 'ok'],
    [400, 'tls.expires_soon'],
    [250, 'tls.expires_soon'],
  ]);
});

test('chain and name are verified apart from each other', async () => {
  const probed = await probeAll([
    check('elsewhere', { verifyName: false }),
    check('elsewhere', { serverName: 'elsewhere.test' }),
    check('elsewhere', { verifyChain: false }),
    check('alone', { verifyChain: false }),
    check('alone', { verifyChain: false, serverName: 'other.test' }),
    check('alone', { verifyName: false }),
  ]);
  expect(probed.map(outcome)).toEqual([
    [100, 'ok'],
    [100, 'ok'],
    [500, 'tls.hostname'],
    [100, 'ok'],
    [500, 'tls.hostname'],
    [500, 'tls.self_signed'],
  ]);
});

test('without the authority the chain is not trusted', async () => {
  const probed = await runProbe(check('good'), { timeoutMs: 10_000, probesFolder: null });
  expect(probed).toMatchObject({ level: 500, code: 'tls.untrusted' });
});

describe('OCSP', () => {
  test('what is stapled decides: good, revoked, or of no use', async () => {
    const names = ['stapled', 'delegated', 'revoked', 'usurped', 'mismatched'] as const;
    const probed = await probeAll([...names, 'good' as const].map((name) => check(name)));
    expect(
      probed.map(({ level, code, detail }) => [level, code, /OCSP: (.*)/.exec(detail ?? '')?.[1]]),
    ).toEqual([
      [100, 'ok', expect.stringMatching(/^good as of \d{4}-\d\d-\d\d$/)],
      [100, 'ok', expect.stringMatching(/^good as of \d{4}-\d\d-\d\d$/)],
      [500, 'tls.revoked', expect.stringMatching(/^revoked since \d{4}-\d\d-\d\d$/)],
      [100, 'ok', 'the stapled response is not signed by the issuer'],
      [100, 'ok', 'the stapled response is of no use: it is about another certificate'],
      [100, 'ok', 'nothing stapled'],
    ]);
  });

  test('one that is out of date, or not yet in force, is of no use', () => {
    const response = readFileSync(authority.path('stapled.ocsp'));
    const of = (name: string) => new X509Certificate(readFileSync(authority.path(name)));
    const inDays = (days: number) =>
      judgeStaple(
        ...([response, of('stapled.crt'), of('ca.crt'), 'here.test', 'required'] as const),
        Date.now() + days * 86_400_000,
      );
    expect(inDays(0).failure).toBeNull();
    expect(inDays(8).failure?.text).toMatch(/is out of date since \d{4}-/);
    expect(inDays(-1).failure?.text).toMatch(/is from the future$/);
  });

  test('one that is cut or bent is of no use, and does no harm', () => {
    const whole = readFileSync(authority.path('stapled.ocsp'));
    const stapled = new X509Certificate(readFileSync(authority.path('stapled.crt')));
    const issuer = new X509Certificate(readFileSync(authority.certificate));
    const words = (response: Buffer) =>
      judgeStaple(response, stapled, issuer, 'here.test', 'required', Date.now()).failure?.code;
    expect(words(whole)).toBeUndefined();
    for (let i = 0; i < whole.length; i++) {
      expect(words(whole.subarray(0, i)), `cut at ${i}`).toBe('tls.staple');
      const bent = Buffer.from(whole);
      bent[i] = (bent[i] as number) ^ 0x55;
      expect([undefined, 'tls.staple'], `bent at ${i}`).toContain(words(bent));
    }
  });

  test('a check may demand a valid one, or not look', async () => {
    const probed = await probeAll([
      check('stapled', { ocsp: 'required' }),
      check('good', { ocsp: 'required' }),
      check('usurped', { ocsp: 'required' }),
      check('revoked', { ocsp: 'ignored' }),
    ]);
    expect(probed.map(outcome)).toEqual([
      [100, 'ok'],
      [500, 'tls.staple'],
      [500, 'tls.staple'],
      [100, 'ok'],
    ]);
    expect(probed[1]?.text).toBe('127.0.0.1: nothing stapled');
  });
});

test('a pin is the certificate or its key, however it is written', async () => {
  const x509 = new X509Certificate(readFileSync(authority.path('good.crt')));
  const key = createHash('sha256').update(x509.publicKey.export({ type: 'spki', format: 'der' }));
  const other = 'a'.repeat(64);
  const probed = await probeAll([
    check('good', { pins: [x509.fingerprint256] }),
    check('good', { pins: [other, `sha256//${key.digest('base64')}`] }),
    check('good', { pins: [other] }),
  ]);
  expect(probed.map(outcome)).toEqual([
    [100, 'ok'],
    [100, 'ok'],
    [500, 'tls.pin'],
  ]);
});

test('a protocol older than wished is named', async () => {
  const probed = await probeAll([check('old'), check('old', { minProtocol: 'TLSv1.3' })]);
  expect(probed.map(({ level, code, text }) => [level, code, text])).toEqual([
    [100, 'ok', ''],
    [500, 'tls.protocol', '127.0.0.1 speaks TLSv1.2, not TLSv1.3'],
  ]);
});

test('mail servers are asked for STARTTLS in their own language', async () => {
  const protocols = ['smtp', 'imap', 'pop3'] as const;
  const probed = await probeAll(protocols.map((name) => check(name, { starttls: name })));
  expect(probed.map(outcome)).toEqual([
    [100, 'ok'],
    [100, 'ok'],
    [100, 'ok'],
  ]);
  const [wrong] = await probeAll([check('smtp')]);
  // A mail server that hears a handshake answers in the clear, or hangs up rudely before that is read.
  expect(['tls.failed', 'connect.reset']).toContain(wrong?.code);
});

test.each(['ftp', 'postgres', 'mysql'] as const)(
  '%s is asked for TLS in its own language',
  async (starttls) => {
    const server = await startTlsServer(starttls, {
      certificate: authority.path('good.crt'),
      key: authority.path('good.key'),
    });
    const target = `127.0.0.1:${server.port}`;
    const [tls, tcp] = await probeAll([
      { kind: 'tls', target, starttls },
      { kind: 'tcp', target, tls: starttls, send: 'who?\\n', expect: 'you said who?' },
    ]);
    await server.close();
    expect(tls).toMatchObject({ level: 100, code: 'ok', text: '' });
    expect(tcp).toMatchObject({ level: 100, code: 'ok', text: '' });
  },
);

describe('a server that', () => {
  const cleanups: Array<() => unknown> = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });

  test.each<[string, string, Behaviour, string]>([
    ['never answers the handshake', 'none', () => {}, 'timeout'],
    ['closes half and waits', 'none', (socket) => socket.end(), 'tls.failed'],
    ['is deaf to SMTP', 'smtp', () => {}, 'timeout'],
    ['drips its greeting', 'smtp', (socket) => drip(socket), 'timeout'],
    ['greets without end', 'smtp', (socket) => flood(socket), 'too_much'],
    ['turns away', 'smtp', (socket) => socket.write('554 go away\r\n'), 'tls.starttls'],
    ['hangs up instead of a greeting', 'imap', (socket) => socket.end(), 'closed_early'],
    ['speaks another protocol', 'pop3', (socket) => socket.write('* OK imap\r\n'), 'tls.starttls'],
    ['has no TLS', 'postgres', (socket) => socket.write('N'), 'tls.starttls'],
    ['goes on in the clear', 'postgres', (socket) => socket.write('SEvil'), 'tls.starttls'],
    [
      'announces 16 MB and sends none',
      'mysql',
      (socket) => socket.write('\xff\xff\xff\0', 'latin1'),
      'timeout',
    ],
    [
      'blocks us',
      'mysql',
      (socket) => socket.write('\x09\0\0\0\xff\x69\x04blocked', 'latin1'),
      'tls.starttls',
    ],
  ])('%s (%s) is named so', async (_, starttls, behave, code) => {
    const server = await rawServer(behave, { atOnce: true });
    cleanups.push(server.close);
    const config = { kind: 'tls', target: `127.0.0.1:${server.port}`, starttls };
    // Time runs out only where that is the point.
    const timeoutMs = code === 'timeout' ? 800 : 10_000;
    const probed = await runProbe(config, { timeoutMs, probesFolder: null });
    expect(probed).toMatchObject({ level: 500, code });
    expect(probed.text).toContain(`127.0.0.1:${server.port}`);
  });

  test('does not listen refuses', async () => {
    const config = { kind: 'tls', target: `127.0.0.1:${await closedPort()}` };
    const probed = await runProbe(config, { timeoutMs: 2000, probesFolder: null });
    expect(probed).toMatchObject({ level: 500, code: 'connect.refused' });
  });
});

function drip(socket: Parameters<Behaviour>[0]): void {
  const dripping = setInterval(() => socket.write('2'), 20);
  socket.on('close', () => clearInterval(dripping));
}

function flood(socket: Parameters<Behaviour>[0]): void {
  const pour = () => {
    while (!socket.destroyed && socket.write('220-and more\r\n'.repeat(500)));
  };
  socket.on('drain', pour);
  pour();
}
