import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { wigoLook } from '#runner/announce/wigo.ts';

let folder: string;
let said: string[];
const path = (name: string) => join(folder, name);
const look = () => wigoLook(folder, (line) => said.push(line.replaceAll(folder, 'tree')));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyup-tree-'));
  said = [];
  for (const each of ['examples', '60', '300']) mkdirSync(path(each));
  probe('examples/disk');
  symlinkSync('../examples/disk', path('60/disk'));
  probe('300/raid');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function probe(name: string, mode = 0o755): void {
  writeFileSync(path(name), '#!/bin/sh\n');
  chmodSync(path(name), mode);
}

describe("a tree of Wigo's", () => {
  it('gives a check for each probe, by the interval that its folder is named by', async () => {
    expect(await look()()).toEqual([
      {
        key: 'wigo/60/disk',
        name: 'disk',
        config: { kind: 'script', target: 'script:60/disk', protocol: 'wigo' },
        interval: '60s',
        timeout: '59000ms',
        failures: 1,
      },
      expect.objectContaining({ key: 'wigo/300/raid', interval: '300s', timeout: '299000ms' }),
    ]);
    expect(said).toEqual([]);
  });

  it('is seen to change', async () => {
    const here = look();
    const names = async () => (await here())?.map(({ name }) => name);
    expect(await names()).toEqual(['disk', 'raid']);
    probe('60/load');
    expect(await names()).toEqual(['disk', 'load', 'raid']);
    unlinkSync(path('60/disk'));
    expect(await names()).toEqual(['load', 'raid']);
    rmSync(path('60'), { recursive: true });
    expect(await names()).toEqual(['raid']);
  });

  it('names what it leaves out, and why', async () => {
    probe('60/README', 0o644);
    probe('60/open', 0o777);
    probe('60/two words');
    symlinkSync('../examples/gone', path('60/gone'));
    mkdirSync(path('60/folder'));
    mkdirSync(path('100000'));
    expect((await look()())?.map(({ name }) => name)).toEqual(['disk', 'raid']);
    expect(said).toEqual([
      'tree/100000 is left out: an interval is from 1 to 86400 seconds',
      'tree/60/README is left out: "60/README" is not executable',
      'tree/60/gone is left out: there is no "60/gone"',
      'tree/60/open is left out: "60/open" is not run: anybody may write to it',
      'tree/60/two words is left out: its name has characters that are not taken',
    ]);
  });

  it('that cannot be read is no empty one', async () => {
    rmSync(folder, { recursive: true });
    expect(await look()()).toBeNull();
    expect(said).toEqual(['the probes in tree cannot be listed (ENOENT)']);
  });
});
