import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { start } from '#test/support/children.ts';

/** Stands in for npm: as slow, and as angry when the folder it empties is filled by another. */
const NPM = `
  const fs = require('node:fs');
  fs.appendFileSync('runs', 'x');
  fs.rmSync('node_modules', { recursive: true, force: true });
  fs.mkdirSync('node_modules');
  setTimeout(() => {
    if (fs.existsSync('node_modules/half')) process.exit(3);
    fs.writeFileSync('node_modules/half', '');
  }, 1500);
`;

describe('the launcher', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'anyup-launch-'));
    mkdirSync(join(folder, 'bin'));
    copyFileSync('bin/launch.mjs', join(folder, 'bin/launch.mjs'));
    copyFileSync('bin/jsx.mjs', join(folder, 'bin/jsx.mjs'));
    writeFileSync(join(folder, 'package-lock.json'), '{}');
    writeFileSync(join(folder, 'npm.js'), NPM);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const launch = () =>
    start(process.execPath, [join(folder, 'bin/launch.mjs'), 'echo', 'started'], {
      npm_execpath: join(folder, 'npm.js'),
    });
  const runs = () => readFileSync(join(folder, 'runs'), 'utf8').length;

  it('installs once when two start at the same time, and both start', async () => {
    const both = [launch(), launch()];
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0]);
    for (const { said } of both) expect(said()).toMatch(/^started$/m);
    expect(both.map(({ said }) => said()).join()).toMatch(/another start is installing/);
    expect(runs()).toBe(1);
  });

  it('installs where the power went before it was written who does', async () => {
    writeFileSync(join(folder, '.anyup-installing'), '');
    const then = new Date(Date.now() - 60_000);
    utimesSync(join(folder, '.anyup-installing'), then, then);
    const next = launch();
    expect(await next.ended).toBe(0);
    expect(next.said()).toMatch(/^started$/m);
  });

  it('installs after one that was killed while it did', async () => {
    const killed = launch();
    await killed.says(/installing dependencies/);
    await killed.stop('SIGKILL');
    expect(existsSync(join(folder, '.anyup-installing'))).toBe(true);
    const next = launch();
    expect(await next.ended).toBe(0);
    expect(next.said()).toMatch(/^started$/m);
    expect(existsSync(join(folder, '.anyup-installing'))).toBe(false);
  });
});
