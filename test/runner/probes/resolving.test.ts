import { expect, test } from 'vitest';
import { probeInOwnNetwork } from '#test/support/probes/runAlone.ts';

const config = { kind: 'tcp', target: 'some.test:80' };

test('a name that does not exist is down', async () => {
  const {
    probed: [probed],
  } = await probeInOwnNetwork({ configs: [config], names: { '': 'empty' } });
  expect(probed).toMatchObject({ level: 500, code: 'dns.not_found' });
  expect(probed?.text).toBe('some.test does not resolve');
});

test('a name whose own servers are broken is down, for the resolver works', async () => {
  const names = { 'some.test': 'broken', '': 'empty' } as const;
  const {
    probed: [probed],
  } = await probeInOwnNetwork({ configs: [config], names });
  expect(probed).toMatchObject({ level: 500, code: 'dns.failed' });
  expect(probed?.text).toBe('some.test: its name servers fail (SERVFAIL)');
});

test('a resolver that reaches nobody leaves the runner unable, and the target is not blamed', async () => {
  const {
    probed: [probed],
  } = await probeInOwnNetwork({
    configs: [config],
    names: { 'some.test': 'broken', '': 'broken' },
  });
  expect(probed).toMatchObject({ level: null, code: 'unable.resolver' });
});

test('a name that takes too long is down, for the resolver works', async () => {
  const names = { 'some.test': 'silent', '': 'empty' } as const;
  const {
    probed: [probed],
  } = await probeInOwnNetwork({ configs: [config], names, timeoutMs: 700 });
  expect(probed).toMatchObject({ level: 500, code: 'dns.timeout' });
});

test('a resolver where nothing listens leaves the runner unable, and the target is not blamed', async () => {
  const {
    probed: [probed],
  } = await probeInOwnNetwork({ configs: [config] });
  expect(probed).toMatchObject({ level: null, code: 'unable.resolver' });
});

test('a resolver that answers nothing leaves the runner unable, and the target is not blamed', async () => {
  const names = { 'some.test': 'silent', '': 'silent' } as const;
  const {
    probed: [probed],
  } = await probeInOwnNetwork({ configs: [config], names, timeoutMs: 700 });
  expect(probed).toMatchObject({ level: null, code: 'unable.resolver' });
});

test('many names at once, from a server that is slow, hold up nobody', async () => {
  const hosts = Array.from({ length: 120 }, (_, index) => `n${index}.test`);
  const { probed } = await probeInOwnNetwork({
    configs: hosts.map((host) => ({ kind: 'tcp', target: `${host}:80` })),
    atOnce: true,
    listen: [{ host: '127.0.0.1', port: 80 }],
    names: Object.fromEntries([...hosts.map((host) => [host, ['127.0.0.1']]), ['', 'empty']]),
    namesTakeMs: 100,
    // One after the other on four threads they would take three seconds.
    timeoutMs: 2000,
  });
  expect(new Set(probed.map(({ code }) => code))).toEqual(new Set(['ok']));
});

test('many names that nobody has, or whose own servers are broken, hold up no other', async () => {
  const missing = Array.from({ length: 60 }, (_, index) => `no${index}.test`);
  const broken = Array.from({ length: 60 }, (_, index) => `broken${index}.test`);
  const { probed } = await probeInOwnNetwork(
    {
      configs: [...missing, ...broken, 'filed.test'].map((host) => ({
        kind: 'tcp',
        target: `${host}:80`,
      })),
      atOnce: true,
      listen: [{ host: '127.0.0.4', port: 80 }],
      names: Object.fromEntries([...broken.map((host) => [host, 'broken']), ['', 'empty']]),
      namesTakeMs: 100,
      timeoutMs: 2000,
    },
    ['echo \'127.0.0.4 filed.test\' > "$1/hosts"; mount --bind "$1/hosts" /etc/hosts'],
  );
  const codes = probed.map(({ code }) => code);
  expect(codes.at(-1)).toBe('ok');
  expect(new Set(codes.slice(0, 60))).toEqual(new Set(['dns.not_found']));
  expect(new Set(codes.slice(60, 120))).toEqual(new Set(['dns.failed']));
});

test('a server that knows nothing of IPv6, not even that, keeps nobody from IPv4', async () => {
  const { probed } = await probeInOwnNetwork({
    configs: [config],
    listen: [{ host: '127.0.0.1', port: 80 }],
    names: { 'some.test': ['127.0.0.1', 'silent6'], '': 'empty' },
  });
  expect(probed).toMatchObject([{ code: 'ok' }]);
});

test('of two name servers the first may be dead', async () => {
  const { probed } = await probeInOwnNetwork(
    {
      configs: ['a.test', 'b.test', 'c.test'].map((host) => ({
        kind: 'tcp',
        target: `${host}:80`,
      })),
      listen: [{ host: '127.0.0.1', port: 80 }],
      names: {
        ...{ 'a.test': ['127.0.0.1'], 'b.test': ['127.0.0.1'], 'c.test': ['127.0.0.1'] },
        '': 'empty',
      },
      deafNameServer: '127.0.0.98',
      // The system waits for the first server for five seconds, each time.
      timeoutMs: 4000,
    },
    ["printf 'nameserver 127.0.0.98\\nnameserver 127.0.0.1\\n' > /etc/resolv.conf"],
  );
  expect(probed.map(({ code }) => code)).toEqual(['ok', 'ok', 'ok']);
});

test('a name is looked for where the system would look for it', async () => {
  const settings = "printf 'search in.test\\noptions ndots:2\\n' >> /etc/resolv.conf";
  const hosts = 'echo \'127.0.0.4 filed.test\' > "$1/hosts"; mount --bind "$1/hosts" /etc/hosts';
  const { probed } = await probeInOwnNetwork(
    {
      configs: ['web.prod', 'filed.test', 'whole.test.'].map((host) => ({
        kind: 'tcp',
        target: `${host}:80`,
      })),
      listen: [2, 3, 4].map((last) => ({ host: `127.0.0.${last}`, port: 80 })),
      names: {
        // Without the search there is one that nobody listens at.
        'web.prod': ['127.0.0.9'],
        'web.prod.in.test': ['127.0.0.2'],
        'whole.test': ['127.0.0.3'],
        'filed.test': ['127.0.0.9'],
        '': 'empty',
      },
    },
    [settings, hosts],
  );
  expect(probed.map(({ code }) => code)).toEqual(['ok', 'ok', 'ok']);
});

const ONLY_IPV4 = [
  'ip link add v0 type veth peer name v1',
  'echo 1 > /proc/sys/net/ipv6/conf/v0/disable_ipv6',
  'ip addr add 10.7.7.7/24 dev v0',
  'ip link set v0 up && ip link set v1 up',
];
const ALSO_IPV6 = [
  ...ONLY_IPV4.filter((line) => !line.includes('ipv6')),
  'ip addr add fd07::7/64 dev v0',
];

test.each([
  ['of IPv4 only', ONLY_IPV4, ['connect.refused', 'ok']],
  ['of both sorts', ALSO_IPV6, ['ok', 'ok']],
])(
  'a machine with addresses %s asks for those it can talk to, else for any',
  async (_, setup, codes) => {
    const { probed } = await probeInOwnNetwork(
      {
        configs: ['both.test', 'six.test'].map((host) => ({ kind: 'tcp', target: `${host}:80` })),
        listen: [{ host: '::1', port: 80 }],
        names: { 'both.test': ['127.0.0.9', '::1'], 'six.test': ['::1'], '': 'empty' },
      },
      setup,
    );
    expect(probed.map(({ code }) => code)).toEqual(codes);
  },
);
