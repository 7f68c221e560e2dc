// What checks may ask of scripts, and what the owner of the runner must have allowed for it.
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readRunnerFile } from '#runner/guard/file.ts';
import { guarded } from '#runner/guard/guarded.ts';
import { NOTHING_PERMITTED, type Permits } from '#runner/permits.ts';
import { runProbe } from '#runner/probes/index.ts';
import { type Scripts, scriptFolder } from '#test/support/probes/scripts.ts';

let scripts: Scripts;

beforeEach(() => {
  scripts = scriptFolder();
});
afterEach(() => {
  vi.unstubAllEnvs();
  scripts.remove();
});

function probe(name: string, fields: Record<string, unknown> = {}, permits: Partial<Permits> = {}) {
  return runProbe(
    { kind: 'script', target: `script:${name}`, ...fields },
    {
      timeoutMs: 5000,
      probesFolder: scripts.folder,
      permits: { ...NOTHING_PERMITTED, ...permits },
    },
  );
}

describe('variables', () => {
  it('that a check sets reach the script where their names are allowed', async () => {
    scripts.add('tell', 'echo "$PGHOST/$PGUSER"');
    vi.stubEnv('PGUSER', 'of-the-runner');
    const fields = { env: { PGHOST: 'db one' } };
    const { text } = await probe('tell', fields, { env: ['PGHOST', 'PGUSER'] });
    expect(text).toBe('db one/of-the-runner');
  });

  it('that are not allowed keep the script from being run', async () => {
    scripts.add('tell', 'echo run');
    const fields = { env: { LD_PRELOAD: '/tmp/x.so' } };
    expect(await probe('tell', fields, { env: ['PGHOST'] })).toMatchObject({
      level: null,
      code: 'unable.permit',
      text: 'checks may not set LD_PRELOAD on this runner (--script-env)',
    });
  });
});

describe('a secret of the runner', () => {
  it('reaches a script as a variable, and is in nothing that is told', async () => {
    scripts.add('login', 'echo "token is $TOKEN, of $(printf %s "$TOKEN" | wc -c) characters"');
    const secret = { value: 'correct horse battery', hosts: ['script:login'], kinds: ['script'] };
    const file = join(scripts.folder, 'runner.json');
    writeFileSync(file, JSON.stringify({ secrets: { token: secret } }), { mode: 0o600 });
    const permits = { ...NOTHING_PERMITTED, env: ['TOKEN'] };
    const own = guarded(
      (check, context) => runProbe(check, { ...context, permits }),
      await readRunnerFile(file, true),
    );
    const config = {
      kind: 'script' as const,
      target: 'script:login',
      env: { TOKEN: 'secret:token' },
    };
    const { text } = await own(config, { timeoutMs: 5000, probesFolder: scripts.folder });
    expect(text).toContain('of 21 characters');
    expect(text).not.toContain('horse');
  });
});

describe('the working folder', () => {
  it('is the one a check names', async () => {
    scripts.add('where', 'pwd');
    expect(await probe('where', { folder: '/usr' })).toMatchObject({ level: 100, text: '/usr' });
  });

  it('is refused where anybody may write', async () => {
    scripts.add('where', 'pwd');
    const open = join(scripts.folder, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    const { code, text } = await probe('where', { folder: open });
    expect([code, text]).toEqual([
      'unable.script',
      `scripts are not run in ${open}: anybody may write there`,
    ]);
  });
});

describe('another user', () => {
  it('is taken only when the owner names it', async () => {
    scripts.add('who', 'id -un');
    expect(await probe('who', { user: 'nobody' })).toMatchObject({
      code: 'unable.permit',
      text: 'checks may not run scripts as nobody on this runner (--script-users)',
    });
  });

  it('runs the script where the runner is root; elsewhere it is said that this takes root', async () => {
    scripts.add('who', 'id -un; id -Gn');
    chmodSync(scripts.folder, 0o755);
    const found = await probe('who', { user: 'nobody' }, { users: ['nobody'] });
    expect(found.text).toBe(
      process.getuid?.() === 0 ? 'nobody' : 'only a runner that is root can run scripts as nobody',
    );
    if (found.level === 100) expect(found.detail).toBe('nogroup');
  });
});

describe('a script that comes with the check', () => {
  it('is not run unless the owner allows it', async () => {
    expect(await probe('any', { inline: 'echo hello' })).toMatchObject({
      level: null,
      code: 'unable.permit',
      text: 'this runner runs no scripts that come with a check (--allow-remote-scripts)',
    });
  });

  it('is run by sh, or by what its first line says', async () => {
    const remoteScripts = join(scripts.folder, 'remote');
    const sh = await probe(
      'any',
      { inline: 'echo "hello from $0" | wc -l\r\nexit 1' },
      { remoteScripts },
    );
    expect(sh).toMatchObject({ level: 250, text: '1' });
    const perl = '#!/usr/bin/perl\nprint "perl says $ENV{ANYUP_SCRIPT}";';
    expect(await probe('mine', { inline: perl }, { remoteScripts })).toMatchObject({
      level: 100,
      text: 'perl says mine',
    });
  });
});

describe("a tree of Wigo's", () => {
  let tree: string;
  beforeEach(() => {
    tree = join(scripts.folder, 'wigo');
    mkdirSync(join(tree, '60'), { recursive: true });
  });
  const permits = () => ({ wigo: { folder: tree, configRoot: '/opt/conf.d' } });

  it('is run through its links, and told where its settings are', async () => {
    scripts.add(
      'elsewhere',
      'echo "{\\"Status\\":250,\\"Message\\":\\"$WIGO_PROBE_CONFIG_ROOT\\"}"',
    );
    symlinkSync('../../elsewhere', join(tree, '60', 'disk'));
    expect(await probe('60/disk', { protocol: 'wigo' }, permits())).toMatchObject({
      level: 250,
      text: '/opt/conf.d',
    });
  });

  it('is not run where anybody may have written it', async () => {
    const path = join(tree, '60', 'open');
    writeFileSync(path, '#!/bin/sh\necho hacked\n');
    chmodSync(path, 0o777);
    expect(await probe('60/open', { protocol: 'wigo' }, permits())).toMatchObject({
      code: 'unable.script',
      text: '"60/open" is not run: anybody may write to it',
    });
  });

  it('is not looked for where the runner has none', async () => {
    expect(await probe('60/disk')).toMatchObject({ level: null, code: 'unable.script' });
  });
});
