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
