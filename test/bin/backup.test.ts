import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startNode } from '#test/support/children.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyup-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function anyup(...args: string[]): Promise<{ code: number | null; said: string }> {
  const cli = startNode('bin/anyup.ts', { ANYUP_DATA: folder }, args);
  return { code: await cli.ended, said: cli.said() };
}

it('restores a file and writes the same out again', async () => {
  const file = join(folder, 'mine.json');
  const hosts = [{ id: 1, name: 'Shop', checks: [{ id: 1, target: 'https://shop.example/' }] }];
  writeFileSync(file, JSON.stringify({ anyup: 'backup', version: 1, hosts }));

  const dry = await anyup('restore', file, '--dry-run');
  expect(dry).toMatchObject({ code: 0 });
  expect(dry.said).toBe(
    'created host Shop\ncreated check Shop: https://shop.example/\nnothing was written\n',
  );
  expect((await anyup('restore', file)).said).toMatch(/restored\n$/);

  const { said } = await anyup('backup');
  expect(JSON.parse(said).hosts[0].checks[0].target).toBe('https://shop.example/');
  const full = join(folder, 'full.ndjson');
  await anyup('backup', '--full', full);
  expect(statSync(full).mode & 0o777).toBe(0o600);
  const lines = readFileSync(full, 'utf8').trimEnd().split('\n');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ table: 'end', lines: lines.length - 2 });
  expect((await anyup('restore', full)).said).toMatch(
    /^left as it was: \d+\nhistory: (none|\d+ \w+)\nrestored/,
  );
});

it('says what is wrong with a file, a flag or a name', async () => {
  const file = join(folder, 'mine.json');
  writeFileSync(file, JSON.stringify({ anyup: 'backup', version: 1, hosts: [{ id: 1 }] }));
  const broken = await anyup('restore', file);
  expect(broken.code).toBe(2);
  expect(broken.said).toContain('hosts[0].name: is missing');
  expect((await anyup('restore', join(folder, 'none'))).said).toContain('cannot be read');
  expect((await anyup('restore')).said).toContain('name the file');
  expect((await anyup('backup', '--ful')).said).toContain(
    '--ful is not known here; there is --full',
  );
});
