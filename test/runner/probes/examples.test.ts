import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { capabilities } from '#runner/probes/capabilities.ts';
import { runProbe } from '#runner/probes/index.ts';

const EXAMPLES = fileURLToPath(new URL('../../../runner/probes-examples', import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyup-examples-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function probe(name: string, protocol: string, args: string[] = []) {
  const config = { kind: 'script', target: `script:${name}`, protocol, args };
  return runProbe(config, { timeoutMs: 5000, probesFolder: EXAMPLES });
}

test('the examples can be run where they lie', async () => {
  expect((await capabilities(EXAMPLES)).scripts).toEqual(['disk', 'fresh-file', 'load']);
});

test('load tells the load of the machine per core', async () => {
  const probed = await probe('load', 'wigo', ['100000', '100000']);
  expect(probed).toMatchObject({ level: 100, code: 'ok' });
  expect(probed.text).toMatch(/^load [\d.]+ [\d.]+ [\d.]+ on \d+ cores$/);
  expect(probed.metrics).toHaveLength(3);
  expect(await probe('load', 'wigo', ['0', '100000'])).toMatchObject({ level: 250 });
  expect(await probe('load', 'wigo', ['0', '0'])).toMatchObject({ level: 400 });
});

test('disk tells how full a file system is', async () => {
  const probed = await probe('disk', 'nagios', ['/', '101', '101']);
  expect(probed).toMatchObject({ level: 100, code: 'ok' });
  expect(probed.metrics?.map(({ name, unit }) => [name, unit])).toEqual([
    ['used', '%'],
    ['free', 'KB'],
  ]);
  expect(await probe('disk', 'nagios', ['/', '0', '101'])).toMatchObject({ level: 250 });
  expect(await probe('disk', 'nagios', ['/', '0', '0'])).toMatchObject({ level: 500 });
  const missing = await probe('disk', 'nagios', [join(folder, 'missing')]);
  expect(missing).toMatchObject({ level: null, code: 'unable.probe' });
});

test('fresh-file tells whether a file was written lately', async () => {
  const path = join(folder, 'backup of today');
  writeFileSync(path, '');
  const aged = (minutes: number) => {
    const at = new Date(Date.now() - minutes * 60_000);
    utimesSync(path, at, at);
    return probe('fresh-file', 'vigil', [path, '60']);
  };
  expect(await aged(10)).toMatchObject({ level: 100, text: `${path} is fresh` });
  expect(await aged(90)).toMatchObject({ level: 250 });
  expect(await aged(150)).toMatchObject({ level: 500 });
  const missing = await probe('fresh-file', 'vigil', [join(folder, 'missing')]);
  expect(missing).toMatchObject({ level: 500, code: 'script.status' });
  expect(await probe('fresh-file', 'vigil', [path, 'soon'])).toMatchObject({ level: 500 });
});
