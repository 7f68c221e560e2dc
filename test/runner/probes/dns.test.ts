import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Probed } from '#runner/probe.ts';
import { runProbe } from '#runner/probes/index.ts';
import { Authority } from '#test/support/certs/authority.ts';
import { type Named, namedInNetwork, startNamed } from '#test/support/named.ts';
import { probeInOwnNetwork, probeInProcess } from '#test/support/probes/runAlone.ts';
import { closedPort } from '#test/support/probes/servers.ts';

const context = { timeoutMs: 5000, probesFolder: null };

const ZONE = `
$TTL 300
@       IN SOA ns1 admin 2026112801 3600 600 86400 60
        IN NS ns1
        IN NS ns2
        IN MX 10 Mail
        IN MX 20 backup
        IN TXT "v=spf1 -all"
        IN TXT "two " "parts"
        IN CAA 0 issue "letsencrypt.org"
ns1     IN A 127.0.0.1
ns2     IN A 127.0.0.2
www  60 IN A 192.0.2.1
     60 IN A 192.0.2.2
six     IN AAAA 2001:DB8:0:0::1
alias   IN CNAME www
_sip._tcp IN SRV 1 2 5060 sip
_443._tcp IN TLSA 3 1 1 ${'ab'.repeat(32)}
web     IN HTTPS 1 . alpn=h2
${Array.from({ length: 100 }, (_, i) => `big IN A 192.0.2.${i + 1}`).join('\n')}
`;

let authority: Authority;
let named: Named;

beforeAll(async () => {
  authority = new Authority();
  named = await startNamed({ 'zone.test': ZONE }, authority.issue('good'));
}, 60_000);

afterAll(async () => {
  await named?.stop();
  authority?.remove();
});

type Fields = Record<string, unknown>;

const check = (name: string, fields: Fields = {}) => ({
  kind: 'dns',
  target: `dns:${name}`,
  resolver: `127.0.0.1:${named.port}`,
  ...fields,
});

const probe = (name: string, fields: Fields = {}) => runProbe(check(name, fields), context);
const outcome = ({ level, code, text }: Probed) => [level, code, text];

test('an answer is up, with the time it took, its life, and what it says', async () => {
  const probed = await probe('www.zone.test');
  expect(probed).toMatchObject({ level: 100, code: 'ok', text: '' });
  expect(probed.rttUs).toBeGreaterThan(0);
  expect(probed.metrics).toEqual([{ name: 'ttl', value: 60, unit: 's' }]);
  const [head, ...lines] = (probed.detail ?? '').split('\n');
  expect(head).toMatch(/^127\.0\.0\.1:\d+: NOERROR, authoritative, \d+ bytes$/);
  expect(lines.toSorted()).toEqual([
    'www.zone.test 60 A 192.0.2.1',
    'www.zone.test 60 A 192.0.2.2',
  ]);
});

test.each<[string, Fields]>([
  ['www.zone.test', { expect: ['192.0.2.2', '192.0.2.1'] }],
  ['alias.zone.test', { expect: ['192.0.2.2', '192.0.2.1'] }],
  ['alias.zone.test', { type: 'cname', expect: ['WWW.zone.test.'] }],
  ['six.zone.test', { type: 'AAAA', expect: ['2001:db8::1'] }],
  ['zone.test', { type: 'MX', expect: ['10 mail.zone.test', '20 backup.zone.test.'] }],
  ['zone.test', { type: 'TXT', expect: ['"v=spf1 -all"', '"two " "parts"'] }],
  ['zone.test', { type: 'NS', expect: ['ns1.zone.test', 'ns2.zone.test'] }],
  ['zone.test', { type: 'CAA', expect: ['0 issue "letsencrypt.org"'] }],
  ['_sip._tcp.zone.test', { type: 'SRV', expect: ['1 2 5060 sip.zone.test'] }],
  ['_443._tcp.zone.test', { type: 'TLSA', expect: [`3 1 1 ${'AB'.repeat(32)}`] }],
  ['zone.test', { type: 'SOA', expectMatch: '^ns1\\.zone\\.test .* 2026112801 ' }],
  ['web.zone.test', { type: 'HTTPS', expectMatch: '^0001' }],
  ['web.zone.test', { type: 'TYPE65', expectMatch: '^0001' }],
  ['www.zone.test', { type: 'TYPE1', expect: ['192.0.2.1'], compare: 'all of' }],
])('%s: %j is as expected', async (name, fields) => {
  expect(await probe(name, fields)).toMatchObject({ level: 100, code: 'ok', text: '' });
});

test('what is not as expected says what is there instead', async () => {
  const probed = await Promise.all([
    probe('six.zone.test', { type: 'AAAA', expect: ['2001:db8::2'] }),
    probe('six.zone.test', {
      type: 'AAAA',
      expect: ['2001:db8::2', '2001:db8::1'],
      compare: 'any of',
    }),
    probe('six.zone.test', { type: 'AAAA', expect: ['::2', '::3'], compare: 'any of' }),
    probe('zone.test', { type: 'MX', expect: ['10 mail.zone.test'] }),
    probe('zone.test', { type: 'MX', expect: ['10 mail.zone.test'], compare: 'all of' }),
    probe('zone.test', { type: 'MX', forbid: ['20 backup.zone.test'] }),
    probe('six.zone.test', { type: 'AAAA', expectMatch: '^192' }),
  ]);
  expect(probed.map(outcome)).toEqual([
    [400, 'dns.value', 'six.zone.test AAAA is 2001:db8::1, without 2001:db8::2'],
    [100, 'ok', ''],
    [400, 'dns.value', 'six.zone.test AAAA is 2001:db8::1, not any of ::2, ::3'],
    [400, 'dns.value', 'zone.test MX also has 20 backup.zone.test'],
    [100, 'ok', ''],
    [400, 'dns.value', 'zone.test MX: 20 backup.zone.test is there, which it must not'],
    [400, 'dns.value', 'six.zone.test AAAA is 2001:db8::1, which does not match /^192/'],
  ]);
});

test('a missing name, a missing record and a foreign zone are told apart, and may be what is wanted', async () => {
  const probed = await Promise.all([
    probe('none.zone.test'),
    probe('www.zone.test', { type: 'AAAA' }),
    probe('elsewhere.test'),
    probe('none.zone.test', { rcode: 'NXDOMAIN' }),
    probe('www.zone.test', { type: 'AAAA', rcode: 'NODATA' }),
    probe('elsewhere.test', { rcode: 'REFUSED' }),
    probe('six.zone.test', { type: 'AAAA', rcode: 'NODATA' }),
    probe('six.zone.test', { type: 'AAAA', rcode: 'NXDOMAIN' }),
  ]);
  expect(probed.map(outcome)).toEqual([
    [500, 'dns.rcode', 'none.zone.test A: NXDOMAIN, expected NOERROR'],
    [500, 'dns.no_records', 'www.zone.test AAAA: the name exists, but has no such record'],
    [500, 'dns.rcode', 'elsewhere.test A: REFUSED, expected NOERROR'],
    [100, 'ok', ''],
    [100, 'ok', ''],
    [100, 'ok', ''],
    [500, 'dns.rcode', 'six.zone.test AAAA: 2001:db8::1, expected none'],
    [500, 'dns.rcode', 'six.zone.test AAAA: NOERROR, expected NXDOMAIN'],
  ]);
});

test('a life too short or too long is a warning', async () => {
  const probed = await Promise.all([
    probe('www.zone.test', { minTtl: 60, maxTtl: 60 }),
    probe('www.zone.test', { minTtl: 61 }),
    probe('www.zone.test', { maxTtl: 59 }),
  ]);
  expect(probed.map(outcome)).toEqual([
    [100, 'ok', ''],
    [250, 'dns.ttl', 'www.zone.test A lives 60 s, less than 61 s'],
    [250, 'dns.ttl', 'www.zone.test A lives 60 s, more than 59 s'],
  ]);
});

test('an answer that no validating resolver vouched for fails where that is required', async () => {
  expect(await probe('www.zone.test', { requireAd: true })).toMatchObject({
    level: 400,
    code: 'dns.not_validated',
  });
});

test('the serial of a zone is a number to chart', async () => {
  const { metrics } = await probe('zone.test', { type: 'SOA' });
  expect(metrics).toEqual([
    { name: 'ttl', value: 300, unit: 's' },
    { name: 'serial', value: 2026112801 },
  ]);
});

test('an answer too long for a datagram comes by TCP', async () => {
  const probed = await probe('big.zone.test');
  expect(probed).toMatchObject({ level: 100, code: 'ok' });
  expect(probed.detail).toMatch(/NOERROR, authoritative, 1\d\d\d bytes\n/);
});

test('TCP, TLS and HTTPS give the same answer', async () => {
  const at = (resolver: string) =>
    check('www.zone.test', { resolver, expect: ['192.0.2.1', '192.0.2.2'] });
  const { port, tlsPort, httpsPort } = named;
  const configs = [
    at(`tcp://127.0.0.1:${port}`),
    at(`tls://127.0.0.1:${tlsPort}`),
    at(`https://127.0.0.1:${httpsPort}/dns-query`),
    at(`https://127.0.0.1:${httpsPort}/elsewhere`),
  ];
  const trust = { NODE_EXTRA_CA_CERTS: authority.certificate };
  const { probed } = await probeInProcess({ configs, timeoutMs: 10_000 }, trust);
  expect(probed.map(({ level, code }) => [level, code])).toEqual([
    [100, 'ok'],
    [100, 'ok'],
    [100, 'ok'],
    [500, 'http.status'],
  ]);
  const untrusted = await runProbe(at(`tls://127.0.0.1:${tlsPort}`), context);
  expect(untrusted).toMatchObject({ level: 500, code: 'tls.untrusted' });
});

test('the target alone can say it all', async () => {
  const target = `dns://127.0.0.1:${named.port}/zone.test?type=MX`;
  const probed = await runProbe({ kind: 'dns', target, forbid: ['30 x.test'] }, context);
  expect(probed).toMatchObject({ level: 100 });
  expect(probed.detail).toContain('zone.test 300 MX 10 mail.zone.test');
});

test('a name server where nobody listens refuses, which is what the check is about', async () => {
  const resolver = `127.0.0.1:${await closedPort()}`;
  const probed = await probe('zone.test', { resolver });
  expect(probed).toMatchObject({ level: 500, rttUs: null, code: 'connect.refused' });
  const byTcp = await probe('zone.test', { resolver: `tcp://${resolver}` });
  expect(byTcp).toMatchObject({ level: 500, code: 'connect.refused' });
});

describe("the runner's own resolvers", () => {
  test('are asked where the check names none', async () => {
    const network = namedInNetwork({ '127.0.0.1': { 'zone.test': ZONE } });
    const configs = [
      { kind: 'dns', target: 'dns:www.zone.test', expect: ['192.0.2.1', '192.0.2.2'] },
    ];
    const { probed } = await probeInOwnNetwork({ configs, timeoutMs: 10_000 }, network.setup);
    network.remove();
    expect(probed[0]).toMatchObject({ level: 100, code: 'ok' });
    expect(probed[0]?.detail).toMatch(/^127\.0\.0\.1:53: NOERROR/);
  });

  test('leave the runner unable when they do not answer', async () => {
    const configs = [{ kind: 'dns', target: 'dns:www.zone.test' }];
    const closed = await probeInOwnNetwork({ configs });
    expect(closed.probed[0]).toMatchObject({ level: null, code: 'unable.resolver' });
    const silent = await probeInOwnNetwork({
      configs,
      timeoutMs: 500,
      names: { 'www.zone.test': 'silent' },
    });
    expect(silent.probed[0]).toMatchObject({ level: null, code: 'unable.resolver' });
    expect(silent.probed[0]?.text).toBe('no answer from 127.0.0.1:53 within 500 ms');
  });
});

test('name servers of a zone agree, lag behind, or do not know it', async () => {
  const older = ZONE.replace('2026112801', '2026112800');
  const three = ZONE.replace('IN NS ns2', 'IN NS ns2\n IN NS ns3').concat('\nns3 IN A 127.0.0.3\n');
  const network = namedInNetwork({
    '127.0.0.1': { 'same.test': ZONE, 'older.test': ZONE, 'lame.test': three },
    '127.0.0.2': { 'same.test': ZONE, 'older.test': older, 'lame.test': three },
    '127.0.0.3': {},
  });
  const zones = ['same.test', 'older.test', 'lame.test'];
  const configs = zones.map((zone) => ({
    ...{ kind: 'dns', target: `dns:${zone}`, type: 'SOA', sameSerial: true },
  }));
  const { probed } = await probeInOwnNetwork({ configs, timeoutMs: 10_000 }, network.setup);
  network.remove();
  expect(probed.map(outcome)).toEqual([
    [100, 'ok', ''],
    [
      ...[250, 'dns.serial'],
      'older.test is at 2026112801, but ns2.older.test (127.0.0.2) has 2026112800',
    ],
    [250, 'dns.lame', 'ns3.lame.test (127.0.0.3) answers REFUSED for lame.test'],
  ]);
  expect(probed[1]?.detail).toMatch(/\nns1\.older\.test \(127\.0\.0\.1\): 2026112801\nns2/);
  expect(probed[1]?.metrics).toContainEqual({ name: 'serial', value: 2026112801 });
});
