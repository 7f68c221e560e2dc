import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compareVersions, VERSION } from '#core/version.ts';

test('the version told everywhere is that of package.json', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(VERSION).toBe(manifest.version);
});

test.each([
  ['0.1.0', '0.1.0', 0],
  ['0.1.0', '0.2.0', -1],
  ['1.0.0', '0.9.9', 1],
  ['0.10.0', '0.9.0', 1],
  ['0.1.0-test', '0.1.0', 0],
])('%s beside %s', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});
