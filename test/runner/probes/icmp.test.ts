import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { fping, ping } from '#runner/icmp/commands.ts';
import { startNative } from '#runner/icmp/native.ts';
import { runProbe } from '#runner/probes/index.ts';
import { type Order, probeInOwnNetwork } from '#test/support/probes/runAlone.ts';

const context = { timeoutMs: 3000, probesFolder: null };
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Loopback that does not answer, so that nothing outside has to be disturbed. */
const DEAF4 = 'echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all';
const PING_SOCKETS = 'echo "0 2147483647" > /proc/sys/net/ipv4/ping_group_range';
const NO_PING_SOCKETS = 'echo "1 0" > /proc/sys/net/ipv4/ping_group_range';
const NO_RAW_SOCKETS =
  'exec /usr/bin/setpriv --bounding-set=-net_raw --inh-caps=-net_raw "$2" "$3" "$4"';

test.each(['127.0.0.1', '::1', '0.0.0.0', '::'])(
  '%s answers, with a round trip',
  async (target) => {
    const probed = await runProbe({ kind: 'icmp', target }, context);
    expect(probed).toMatchObject({ level: 100, code: 'ok', text: '' });
    expect(probed.rttUs).toBeGreaterThan(0);
    expect(probed).not.toHaveProperty('metrics');
  },
);

test('a round trip ends when the reply comes, not when somebody looks at it', async () => {
  const native = await startNative();
  if (typeof native === 'string') throw new Error(native);
  const order = { addresses: [{ address: '127.0.0.1', family: 4 as const }], count: 1, gapMs: 0 };
  const shares: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const startedAt = performance.now();
    const [echoes] = await native.ping({ ...order, timeoutMs: 3000 });
    // They are looked at a while after they came.
    shares.push((echoes?.rttUs ?? Infinity) / ((performance.now() - startedAt) * 1000));
  }
  expect(Math.min(...shares)).toBeLessThan(1 / 4);
});

test('a reply that comes after the time limit is none, though it came before anybody looked', async () => {
  const native = await startNative();
  if (typeof native === 'string') throw new Error(native);
  const addresses = [{ address: '127.0.0.1', family: 4 as const }];
  const [echoes] = await native.ping({ addresses, count: 1, gapMs: 0, timeoutMs: 0 });
  expect(echoes).toMatchObject({ sent: 1, received: 0, rttUs: null });
});

test('several requests tell loss and jitter', async () => {
  const probed = await runProbe({ kind: 'icmp', target: '127.0.0.1', count: 3 }, context);
  expect(probed).toMatchObject({ level: 100, code: 'ok' });
  expect(probed.metrics).toEqual([
    { name: 'loss', value: 0, unit: '%' },
    { name: 'jitter', value: expect.any(Number), unit: 'ms' },
  ]);
});

test.each([12, 13, 1400, 65_507])('%i bytes of data come back', async (size) => {
  for (const target of ['127.0.0.1', '::1']) {
    const probed = await runProbe({ kind: 'icmp', target, size }, context);
    expect(probed).toMatchObject({ level: 100, code: 'ok' });
  }
});

test('requests are as far apart as wished, where the timeout has room for that', async () => {
  const startedAt = performance.now();
  const config = { kind: 'icmp', target: '127.0.0.1', count: 3, gap: '300ms' };
  expect(await runProbe(config, context)).toMatchObject({ level: 100 });
  expect(performance.now() - startedAt).toBeGreaterThan(590);
  const probed = await runProbe({ ...config, gap: '10s' }, { ...context, timeoutMs: 1000 });
  expect(probed).toMatchObject({ level: 100, metrics: [{ name: 'loss', value: 0 }, {}] });
});

test('three hundred at once each get their own reply', async () => {
  const targets = Array.from({ length: 300 }, (_, i) => `127.0.${1 + (i >> 8)}.${i & 255}`);
  const probed = await Promise.all(
    targets.map((target) => runProbe({ kind: 'icmp', target, count: 2 }, context)),
  );
  expect(new Set(probed.map(({ code }) => code))).toEqual(new Set(['ok']));
});

test('an address that never answers is down at the deadline, and the text says who and how long', async () => {
  const order: Order = { configs: [{ kind: 'icmp', target: '127.0.0.9' }], timeoutMs: 300 };
  const { probed } = await probeInOwnNetwork(order, [DEAF4]);
  expect(probed).toEqual([
    {
      level: 500,
      rttUs: null,
      code: 'icmp.no_reply',
      text: 'no reply from 127.0.0.9 to an echo request within 300 ms',
    },
  ]);
});

test.each([
  ['ping sockets', PING_SOCKETS],
  ['raw sockets', NO_PING_SOCKETS],
])('who waits for a reply sleeps meanwhile, over %s', async (_, setup) => {
  const order = { configs: [{ kind: 'icmp' as const, target: '127.0.0.9' }], timeoutMs: 2000 };
  const { probed, slept } = await probeInOwnNetwork(order, [DEAF4, setup]);
  expect(probed).toMatchObject([{ code: 'icmp.no_reply' }]);
  // It is looked for after 10, 50 and 210 ms and then every quarter of a second; loading the engine waits for files.
  expect(slept).toBeGreaterThan(8);
  expect(slept).toBeLessThan(300);
});

test('a name is up when any of its addresses answers', async () => {
  const order: Order = {
    configs: [{ kind: 'icmp', target: 'both.test' }],
    names: { 'both.test': ['127.0.0.9', '::1'], '': 'empty' },
  };
  const { probed } = await probeInOwnNetwork(order, [DEAF4]);
  expect(probed[0]).toMatchObject({ level: 100, code: 'ok' });
  expect(probed[0]?.phases?.dnsUs).toBeGreaterThan(0);
});

test('a name of which all addresses must answer is down when one does not, and the text says which', async () => {
  const all = { kind: 'icmp', target: 'both.test', addresses: 'all', count: 2 };
  const order: Order = {
    configs: [all, { ...all, target: 'here.test' }, { ...all, family: '6' }],
    names: { 'both.test': ['127.0.0.9', '::1'], 'here.test': ['::1'], '': 'empty' },
    timeoutMs: 1000,
  };
  const { probed } = await probeInOwnNetwork(order, [DEAF4]);
  expect(probed[0]).toMatchObject({
    ...{ level: 500, code: 'icmp.no_reply' },
    text: 'no reply from 127.0.0.9 to 2 echo requests within 1000 ms',
    metrics: [{ name: 'loss', value: 100, unit: '%' }, {}],
  });
  expect(probed.slice(1).map(({ code }) => code)).toEqual(['ok', 'ok']);
});

const SMALL_MTU = 'ip link set lo mtu 1500';

test.each([
  ['ping sockets', [PING_SOCKETS, SMALL_MTU, NO_RAW_SOCKETS]],
  ['raw sockets', [NO_PING_SOCKETS, SMALL_MTU]],
])('over %s, what must not be cut does not pass a link that is too narrow', async (_, setup) => {
  const configs = ['127.0.0.1', '::1'].flatMap((target) => [
    { kind: 'icmp', target, size: 3000, dontFragment: true },
    { kind: 'icmp', target, size: 1400, dontFragment: true },
    { kind: 'icmp', target, size: 3000 },
  ]);
  const { probed } = await probeInOwnNetwork({ configs }, setup);
  const found = [
    [500, 'icmp.too_big'],
    [100, 'ok'],
    [100, 'ok'],
  ];
  expect(probed.map(({ level, code }) => [level, code])).toEqual([...found, ...found]);
  expect(probed[0]?.text).toBe('requests of that size do not pass whole on the way to 127.0.0.1');
});

test('a target of a family that the machine has not leaves the runner unable', async () => {
  const configs = [
    { kind: 'icmp', target: '2001:db8::1' },
    { kind: 'icmp', target: '198.51.100.1' },
  ];
  const { probed, able } = await probeInOwnNetwork({ configs, asksCapabilities: true });
  expect(probed.map(({ level, code }) => [level, code])).toEqual([
    [null, 'unable.family'],
    [null, 'unable.family'],
  ]);
  expect(able?.ipv6).toBe(false);
});

const LOOPBACKS: Order = {
  configs: [
    { kind: 'icmp', target: '127.0.0.1', count: 2 },
    { kind: 'icmp', target: '::1' },
    { kind: 'icmp', target: '2001:db8::1' },
  ],
  timeoutMs: 1000,
  asksCapabilities: true,
};

const FOUND = [
  [100, 'ok'],
  [100, 'ok'],
  [null, 'unable.family'],
];

test('where the kernel allows ping sockets, they are used', async () => {
  const { probed, able } = await probeInOwnNetwork(LOOPBACKS, [PING_SOCKETS, NO_RAW_SOCKETS]);
  expect(able?.icmp).toBe('dgram');
  expect(probed.map(({ level, code }) => [level, code])).toEqual(FOUND);
});

test('where it does not, raw sockets are', async () => {
  const { probed, able } = await probeInOwnNetwork(LOOPBACKS, [NO_PING_SOCKETS]);
  expect(able?.icmp).toBe('raw');
  expect(probed.map(({ level, code }) => [level, code])).toEqual(FOUND);
});

/** A stand-in for a program that may send ICMP, alone in a folder. */
function program(name: string, script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'anyup-programs-'));
  folders.push(folder);
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}`);
  chmodSync(path, 0o755);
  return folder;
}

/** As fping 5.1 prints it. */
const FPING = `for address; do
  case $address in
  127.0.0.1) echo "127.0.0.1   : 0.50 0.30" >&2 ;;
  ::1) echo "::1 : 0.70" >&2 ;;
  *:*) echo "$address : -" >&2 ;;
  esac
done
exit 1
`;

/** As ping of iputils 20221126 prints it. */
const PING = `for address; do :; done
if [ "$address" = 2001:db8::1 ]; then
  echo "ping: connect: Network is unreachable" >&2
  exit 2
fi
echo "PING $address ($address) 56(84) bytes of data."
echo "64 bytes from $address: icmp_seq=1 ttl=64 time=0.500 ms"
echo "64 bytes from $address: icmp_seq=2 ttl=64 time=0.300 ms"
`;

/** No right to open an ICMP socket, and no programs but those in the folder. */
function withoutSockets(programs: string): string[] {
  return [NO_PING_SOCKETS, `PATH=${programs}`, NO_RAW_SOCKETS];
}

test.each([
  ['fping', FPING],
  ['ping', PING],
])('without any right to a socket, %s is asked', async (name, script) => {
  const { probed, able } = await probeInOwnNetwork(
    LOOPBACKS,
    withoutSockets(program(name, script)),
  );
  expect(able?.icmp).toBe(name);
  expect(probed.map(({ level, code }) => [level, code])).toEqual(FOUND);
  expect(probed[0]?.rttUs).toBe(300);
});

test('loss is shown, and from the limits of the check on degraded or down', async () => {
  const lossy = program('fping', 'echo "127.0.0.1 : 0.50 - 0.30 0.40" >&2\n');
  const check = { kind: 'icmp', target: '127.0.0.1', count: 4 };
  const configs = [
    check,
    { ...check, degradedLoss: 26 },
    { ...check, degradedLoss: 25 },
    { ...check, degradedLoss: 10, downLoss: 20 },
  ];
  const { probed } = await probeInOwnNetwork({ configs }, withoutSockets(lossy));
  expect(probed.map(({ level, code }) => [level, code])).toEqual([
    [150, 'icmp.loss'],
    [150, 'icmp.loss'],
    [250, 'icmp.loss'],
    [400, 'icmp.loss'],
  ]);
  expect(probed[0]).toMatchObject({
    ...{ text: '1 of 4 replies from 127.0.0.1 lost', rttUs: 300 },
    metrics: [
      { name: 'loss', value: 25, unit: '%' },
      { name: 'jitter', value: 0.15, unit: 'ms' },
    ],
  });
});

test('a program that cannot do what is asked leaves the runner unable', async () => {
  const simple = program(
    'ping',
    `case "$*" in *-M*) echo "ping: invalid option -- 'M'" >&2; exit 2 ;; esac\n${PING}`,
  );
  const check = { kind: 'icmp', target: '127.0.0.1' };
  const configs = [check, { ...check, dontFragment: true }];
  const { probed } = await probeInOwnNetwork({ configs }, withoutSockets(simple));
  expect(probed.map(({ level, code }) => [level, code])).toEqual([
    [100, 'ok'],
    [null, 'unable.icmp_option'],
  ]);
});

test.each([
  ['fping', fping],
  ['ping', ping],
])('%s as Debian has it takes size and "don\'t fragment"', async (_, way) => {
  const addresses = [{ address: '127.0.0.1', family: 4 as const }];
  const order = { addresses, count: 2, gapMs: 200, timeoutMs: 10_000 };
  const [small] = await way({ ...order, size: 20, dontFragment: true });
  expect(small).toMatchObject({ sent: 2, received: 2, error: null });
  expect(small?.jitterUs).toBeGreaterThanOrEqual(0);
  const [large] = await way({ ...order, size: 65_480 });
  expect(large).toMatchObject({ received: 2, error: null });
});

test('where nothing works, the runner is unable and says what would mend it', async () => {
  const { probed, able } = await probeInOwnNetwork(LOOPBACKS, withoutSockets('/nonexistent'));
  expect(able?.icmp).toBeNull();
  expect(able?.icmpReason).toMatch(/dgram IPv4 socket: EACCES.*raw IPv4 socket: EPERM/);
  expect(probed[0]).toMatchObject({ level: null, code: 'unable.icmp' });
});
