import { expect, it } from 'vitest';
import { Deadline } from '#runner/deadline.ts';
import { makeQuery } from '#runner/dns/message.ts';
import { askByUdp } from '#runner/dns/udp.ts';
import { Failure } from '#runner/failure.ts';
import { guarded } from '#runner/guard/guarded.ts';
import { type Network, Networks, parseNetwork } from '#runner/guard/networks.ts';
import { within } from '#runner/guard/probing.ts';
import { Secrets } from '#runner/guard/secrets.ts';
import { icmpWay } from '#runner/icmp/way.ts';
import { dial } from '#runner/net/dial.ts';
import { runProbe } from '#runner/probes/index.ts';
import { probeInOwnNetwork } from '#test/support/probes/runAlone.ts';
import { rawServer, says } from '#test/support/probes/servers.ts';

const networks = (allow: string[], deny: string[]) =>
  new Networks({
    allow: allow.map((text) => parseNetwork(text) as Network),
    deny: deny.map((text) => parseNetwork(text) as Network),
  });

const EVERYTHING = ['0.0.0.0/0', '::/0'];

it.each([
  ['169.254.169.254', [], [], false],
  ['169.254.1.1', [], [], false],
  ['fd00:ec2::254', [], [], false],
  ['fd00:0ec2:0:0:0:0:0:0254', [], [], false],
  ['fe80::a9fe:a9fe%eth0', [], [], false],
  ['::ffff:169.254.169.254', [], [], false],
  ['::ffff:a9fe:a9fe', [], [], false],
  ['64:ff9b::a9fe:a9fe', [], [], false],
  ['2002:a9fe:a9fe::1', [], [], false],
  ['::169.254.169.254', [], [], false],
  ['169.254.169.254', EVERYTHING, [], false],
  ['169.254.169.254', ['169.254.169.254'], [], true],
  ['169.254.169.253', ['169.254.169.254'], [], false],
  ['169.254.7.7', [...EVERYTHING, '169.254.0.0/16'], [], true],
  ['169.254.7.7', ['169.254.0.0/16'], ['169.254.7.0/24'], false],
  ['fe80::1%eth0', [], [], true],
  ['192.0.2.7', [], [], true],
  ['2001:db8::7', [], [], true],
  ['127.0.0.1', [], [], true],
  ['192.0.2.7', ['192.0.2.0/24'], [], true],
  ['192.0.3.7', ['192.0.2.0/24'], [], false],
  ['::ffff:192.0.2.7', ['192.0.2.0/24'], [], true],
  ['::ffff:192.0.3.7', [...EVERYTHING], ['192.0.3.0/24'], false],
  ['2001:db8::7', ['192.0.2.0/24'], [], false],
  ['10.1.2.3', EVERYTHING, ['10.0.0.0/8'], false],
  ['127.0.0.1', [], ['127.0.0.0/8'], false],
  ['0.0.0.0', [], ['127.0.0.0/8'], false],
  ['::', [], ['::1'], false],
  ['::1', [], ['127.0.0.0/8'], true],
])('%s, with %j allowed and %j denied, may be talked to: %s', (address, allow, deny, may) => {
  expect(networks(allow, deny).refusal(address) === null).toBe(may);
});

it.each(['10.0.0.0/33', '10.0.0/8', '10.0.0.0/8/8', 'fe80::1%eth0', 'example.org', '::/129', ''])(
  '"%s" is no network',
  (text) => expect(parseNetwork(text)).toBeNull(),
);

const secrets = new Secrets(new Map());
const context = { timeoutMs: 2000, probesFolder: null };

it.each(['http', 'tcp', 'icmp', 'dns', 'tls'])(
  'a %s check of a denied address leaves the runner unable',
  async (kind) => {
    const probe = guarded(runProbe, {
      from: null,
      evidence: { privateBodies: false, route: false },
      networks: networks([], ['127.0.0.0/8']),
      secrets,
    });
    const server = await rawServer(says('HTTP/1.1 200 OK\r\n\r\n'));
    const targets: Record<string, string> = {
      http: `http://127.0.0.1:${server.port}/`,
      tcp: `127.0.0.1:${server.port}`,
      icmp: '127.0.0.1',
      dns: `dns://127.0.0.1:${server.port}/example.org`,
      tls: `127.0.0.1:${server.port}`,
    };
    const probed = await probe({ kind, target: targets[kind] as string }, context);
    expect(probed).toMatchObject({ level: null, code: 'unable.forbidden' });
    expect(probed.text).toBe("127.0.0.1 is in a network that this runner's file denies");
    expect(server.received).toEqual([]);
    await server.close();
  },
);

it('a redirect to a metadata address is not followed, and nothing is sent there', async () => {
  const server = await rawServer(
    says('HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/\r\n\r\n'),
  );
  const evidence = { privateBodies: false, route: false };
  const probe = guarded(runProbe, { from: null, networks: networks([], []), secrets, evidence });
  const probed = await probe({ kind: 'http', target: `http://127.0.0.1:${server.port}/` }, context);
  expect(probed).toMatchObject({ level: null, code: 'unable.forbidden' });
  await server.close();
});

it('a name is judged by what it resolves to, and only its permitted addresses are asked', async () => {
  const { probed } = await probeInOwnNetwork({
    names: {
      'meta.test': ['169.254.169.254'],
      'mixed.test': ['127.0.0.2', '127.0.0.1'],
      '': 'empty',
    },
    listen: [
      { host: '127.0.0.1', port: 8080 },
      { host: '127.0.0.2', port: 8080 },
    ],
    deny: ['127.0.0.2/32'],
    configs: [
      { kind: 'tcp', target: 'meta.test:80' },
      { kind: 'icmp', target: 'mixed.test' },
      { kind: 'tcp', target: 'mixed.test:8080' },
      { kind: 'tcp', target: '127.0.0.2:8080' },
    ],
  });
  expect(probed.map(({ code }) => code)).toEqual([
    'unable.forbidden',
    'ok',
    'ok',
    'unable.forbidden',
  ]);
  expect(probed[0]?.text).toMatch(/^meta\.test: 169\.254\.169\.254 is link-local/);
});

it("the runner's own resolver may be asked wherever it is, a name server that a check names may not", async () => {
  const { probed } = await probeInOwnNetwork({
    names: { 'here.test': ['127.0.0.1'], '': 'empty' },
    deny: ['127.0.0.0/8'],
    configs: [
      { kind: 'dns', target: 'dns:here.test' },
      { kind: 'dns', target: 'dns://127.0.0.1/here.test' },
      { kind: 'dns', target: 'dns:here.test', resolver: 'tcp://127.0.0.1' },
    ],
  });
  expect(probed.map(({ code }) => code)).toEqual(['ok', 'unable.forbidden', 'unable.forbidden']);
});

it('an address that is asked by datagram is held back too', async () => {
  const limits = { networks: networks([], ['127.0.0.0/8']), holdsSecret: () => false };
  const query = makeQuery({ name: 'a.test', type: 'A', recursive: true });
  const address = { address: '127.0.0.1', family: 4 as const };
  const asked = within(limits, () => askByUdp(address, 53, query, new Deadline(1000)));
  expect(await asked).toMatchObject({ code: 'unable.forbidden' });
});

it('what dials and pings addresses it has from elsewhere is held back too', async () => {
  const server = await rawServer(says(''));
  const limits = { networks: networks([], ['127.0.0.0/8']), holdsSecret: () => false };
  const addresses = [{ address: '127.0.0.1', family: 4 as const }];
  const dialled = await within(limits, () => dial(addresses, server.port, new Deadline(1000)));
  expect(dialled).toBeInstanceOf(Failure);
  expect(dialled).toMatchObject({ code: 'unable.forbidden' });
  const way = await icmpWay();
  if (typeof way === 'string') throw new Error(way);
  const order = { addresses, count: 1, gapMs: 100, timeoutMs: 1000 };
  expect(await within(limits, () => way.ping(order))).toMatchObject([{ sent: 0, error: 'EACCES' }]);
  await server.close();
});
