import { expect, test } from 'vitest';
import { REASONS } from '#core/reason.ts';
import { runProbe } from '#runner/probes/index.ts';
import { probeInOwnNetwork } from '#test/support/probes/runAlone.ts';
import { scriptFolder } from '#test/support/probes/scripts.ts';
import { closedPort, rawServer, says } from '#test/support/probes/servers.ts';

const context = { timeoutMs: 1000, probesFolder: null };

test.each([
  ['a kind of a newer worker', { kind: 'quic', target: 'example.org' }, 'kind'],
  ['a check without a target', { kind: 'tcp' }, 'target'],
  ['a target that is none', { kind: 'tcp', target: 'example.org' }, 'target'],
  [
    'a limit that is no duration',
    { kind: 'icmp', target: '::1', degradedAfter: 'soon' },
    'degradedAfter',
  ],
  ['something that is no check', null, 'check'],
])('%s leaves the runner unable, and the text names the field', async (_, config, field) => {
  const probed = await runProbe(config, context);
  expect(probed).toMatchObject({ level: null, rttUs: null, code: 'unable.kind' });
  expect(probed.text.startsWith(`${field}: `)).toBe(true);
});

test('fields of a newer worker are passed over', async () => {
  const config = { kind: 'icmp', target: '127.0.0.1', newer: true };
  expect(await runProbe(config, context)).toMatchObject({ level: 100 });
});

test('every reason for being unable says how to mend it', () => {
  const unable = Object.entries(REASONS).filter(([code]) => code.startsWith('unable.'));
  expect(unable.every(([, { mend }]) => mend !== '')).toBe(true);
});

test('out of file descriptors, the runner is unable and no target is blamed', async () => {
  const scripts = scriptFolder();
  scripts.add('fine', 'exit 0');
  const configs = [
    { kind: 'tcp', target: '127.0.0.1:80' },
    { kind: 'http', target: 'http://127.0.0.1/' },
    { kind: 'tls', target: '127.0.0.1:443' },
    { kind: 'dns', target: 'dns:a.test', resolver: '127.0.0.1' },
    { kind: 'dns', target: 'dns:a.test' },
    { kind: 'script', target: 'script:fine' },
  ];
  const order = { configs, hogsDescriptors: true, probesFolder: scripts.folder };
  const { probed } = await probeInOwnNetwork(order, ['ulimit -n 128']);
  scripts.remove();
  expect(probed.map(({ level, code }) => [level, code])).toEqual(
    configs.map(() => [null, 'unable.resources']),
  );
});

test('what must not answer is up when it does not, and down when it does', async () => {
  const silent = await closedPort();
  const target = `127.0.0.1:${silent}`;
  const shut = await runProbe({ kind: 'tcp', target, invert: true }, context);
  expect(shut).toMatchObject({ level: 100, code: 'ok' });
  expect(shut.text).toMatch(/^as wished: connection refused by 127\.0\.0\.1:\d+/);
  const server = await rawServer(says('hello'));
  const open = await runProbe(
    { kind: 'tcp', target: `127.0.0.1:${server.port}`, invert: true },
    context,
  );
  await server.close();
  expect(open).toMatchObject({ level: 500, code: 'inverted', text: 'it answers, and must not' });
  const unable = await runProbe({ kind: 'script', target: 'script:x', invert: true }, context);
  expect(unable).toMatchObject({ level: null, code: 'unable.script' });
});
