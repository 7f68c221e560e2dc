// Files and logs of the runner's machine, in the folders that its owner lets checks look into.
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOTHING_PERMITTED } from '#runner/permits.ts';
import { runProbe } from '#runner/probes/index.ts';

let folder: string;
const path = (name: string) => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyup-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function probe(target: string, fields: Record<string, unknown> = {}, files = [folder]) {
  const permits = { ...NOTHING_PERMITTED, files };
  const kind = target.split(':')[0];
  return runProbe({ kind, target, ...fields }, { timeoutMs: 5000, probesFolder: null, permits });
}

describe('a file', () => {
  it('is up while it is young and large enough', async () => {
    writeFileSync(path('backup'), 'x'.repeat(100));
    const fields = { maxAge: '1h', minBytes: 100, maxBytes: 100 };
    const found = await probe(`file:${path('backup')}`, fields);
    expect(found).toMatchObject({ level: 100, code: 'ok' });
    expect(found.metrics?.map(({ name }) => name)).toEqual(['age', 'size']);
  });

  it('is down when it is too old, too small, too large or not there', async () => {
    writeFileSync(path('backup'), 'x');
    const hoursAgo = new Date(Date.now() - 3 * 3_600_000);
    utimesSync(path('backup'), hoursAgo, hoursAgo);
    const say = async (fields: Record<string, unknown>, name = 'backup') => {
      const { level, code, text } = await probe(`file:${path(name)}`, fields);
      return `${level} ${code}: ${text}`;
    };
    expect(await say({ maxAge: '1h' })).toBe(
      '500 file.age: written 3 h ago; at most 1 h are expected',
    );
    expect(await say({ minBytes: 2 })).toBe('500 file.size: has 1 bytes; at least 2 are expected');
    expect(await say({ maxBytes: 0 })).toBe('500 file.size: has 1 bytes; at most 0 are expected');
    expect(await say({}, 'none')).toBe(`500 file.missing: there is no ${path('none')}`);
  });

  it('outside the folders that are named is nobody\'s business, also behind a link or ".."', async () => {
    symlinkSync('/etc', path('link'));
    mkdirSync(path('sub'));
    for (const target of [
      '/etc/passwd',
      `${folder}/link/passwd`,
      `${folder}/sub/../../../etc/passwd`,
    ]) {
      expect(await probe(`file:${target}`)).toMatchObject({ level: null, code: 'unable.files' });
    }
    expect(await probe(`file:${path('any')}`, {}, [])).toMatchObject({
      level: null,
      text: 'this runner lets checks read no files (--files, ANYUP_FILES)',
    });
  });
});

describe('a log', () => {
  const look = async (fields: Record<string, unknown> = {}) => {
    const { level, metrics, text } = await probe(`log:${path('app.log')}`, {
      match: 'ERROR',
      ...fields,
    });
    return { level, lines: metrics?.[0]?.value, text };
  };
  const write = (...lines: string[]) =>
    appendFileSync(path('app.log'), lines.map((line) => `${line}\n`).join(''));

  it('is followed from where it ended at the first look', async () => {
    write('ERROR of yesterday');
    expect(await look()).toMatchObject({ level: 100, lines: 0 });
    write('all well', 'ERROR: disk is full');
    const text = '1 line within 5 min; the last: ERROR: disk is full';
    expect(await look()).toEqual({ level: 250, lines: 1, text });
    // What was seen stays seen for the time that is looked at.
    write('all well');
    expect(await look()).toMatchObject({ level: 250, lines: 1 });
  });

  it('counts a line once, when it is whole', async () => {
    write('start');
    await look();
    appendFileSync(path('app.log'), 'ERR');
    expect(await look()).toMatchObject({ lines: 0 });
    appendFileSync(path('app.log'), 'OR\n');
    expect(await look()).toMatchObject({ lines: 1 });
    expect(await look()).toMatchObject({ lines: 1 });
  });

  it('is followed through a rotation, to the last line of the old file', async () => {
    write('start');
    await look();
    write('ERROR one');
    renameSync(path('app.log'), path('app.log.1'));
    write('ERROR two');
    expect(await look()).toMatchObject({ lines: 2 });
    writeFileSync(path('app.log'), '');
    truncateSync(path('app.log'), 0);
    expect(await look()).toMatchObject({ lines: 2 });
    write('ERROR three');
    expect(await look({})).toMatchObject({ lines: 3 });
  });

  it('of megabytes is read at once, and a pattern that runs away is stopped and said so', async () => {
    write('start');
    await look({ match: '^ERROR \\d+$' });
    writeFileSync(path('app.log'), `${'x'.repeat(60)}\n`.repeat(50_000), { flag: 'a' });
    write('ERROR 7');
    expect(await look({ match: '^ERROR \\d+$' })).toMatchObject({ lines: 1 });
    const endless = { match: '^(x+x+)+y$' };
    await look(endless);
    write('x'.repeat(60));
    expect(await look(endless)).toMatchObject({
      level: null,
      text: 'the pattern takes too long; make it simpler',
    });
  });

  it('leaves out what is excepted, and is down from as many lines as are said', async () => {
    const fields = { except: 'harmless', downFrom: 2 };
    write('start');
    await look(fields);
    write('ERROR harmless', 'ERROR one');
    expect(await look(fields)).toMatchObject({ level: 250, lines: 1 });
    write('ERROR two');
    expect(await look(fields)).toMatchObject({ level: 400, lines: 2 });
  });
});
