import { afterEach, expect, test } from 'vitest';
import { runProbe } from '#runner/probes/index.ts';
import { probeInOwnNetwork } from '#test/support/probes/runAlone.ts';
import { closedPort, fullListener, rawServer } from '#test/support/probes/servers.ts';

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
