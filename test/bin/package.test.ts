// The runner as an npm package: packed, installed in an empty folder, joined to a real server, and examined there.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Child, start } from '#test/support/children.ts';
import { MAIL_PASSWORD, MAIL_USER, startSmtp } from '#test/support/fakes/smtp.ts';
import { BOT_TOKEN, CHAT_ID, startTelegram } from '#test/support/fakes/telegram.ts';
import { RUNTIMES, type RunningServer } from '#test/support/servers.ts';
import { until } from '#test/support/until.ts';
import { buildPackage } from '../../bin/package.ts';

interface Finding {
  name: string;
  grade: string;
  says: string;
  mend?: string;
}

let folder: string;
let anyup: string;
let server: RunningServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anyup-npx-'));
  const npm = (args: string[]) =>
    execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      encoding: 'utf8',
    });
  const tarball = npm(['pack', await buildPackage(), '--silent']).trim();
  writeFileSync(join(folder, 'package.json'), '{"private": true}');
  npm(['install', '--ignore-scripts', '--prefer-offline', `./${tarball}`]);
  anyup = join(folder, 'node_modules/anyup/anyup.mjs');
  server = await RUNTIMES.node({});
}, 180_000);

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, body?: unknown) {
  const answer = await fetch(`${server.baseUrl}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${server.accessKey}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return JSON.parse(await answer.text());
}

/** Runs the installed command to its end. */
function run(args: string[], env: Record<string, string> = {}) {
  const { PATH = '', HOME = '' } = process.env;
  const ended = spawnSync(process.execPath, [anyup, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH, HOME, ...env },
  });
  return { code: ended.status, said: ended.stdout, complained: ended.stderr };
}

function examine(env: Record<string, string>, args: string[] = []) {
  const { code, said } = run(['runner', 'doctor', '--json', ...args], env);
  const { findings } = JSON.parse(said) as { findings: Finding[] };
  return { code, of: (name: string) => findings.find((each) => each.name === name) };
}

describe('npx anyup', () => {
  it('is one file of at most 3 MB beside koffi', () => {
    expect(statSync(anyup).size).toBeLessThan(3 * 1024 * 1024);
    expect(dirname(anyup)).toContain('node_modules/anyup');
  });

  it('says on an older Node that it needs a newer one, and nothing else', () => {
    const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`;
    const command = join(folder, 'node_modules/.bin/anyup');
    const args = ['--import', `data:text/javascript,${encodeURIComponent(older)}`, command];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        'anyup: Node 20.20.2 is too old; the runner needs 22.12 or newer: https://nodejs.org/en/download\n',
    });
    const now = spawnSync(process.execPath, [command, '--help'], { encoding: 'utf8' });
    expect(now.stdout).toContain('usage: anyup runner <command>');
  });

  it('runner join <url> <code> joins, pings, and is seen by the worker', async () => {
    const { code } = await call('POST', '/join-codes', { location: 'Packed' });
    const data = join(folder, 'data');
    const env = { ANYUP_DATA: data, NODE_EXTRA_CA_CERTS: '' };
    const args = [anyup, 'runner', 'join', server.baseUrl, code, '--name', 'packed'];
    const runner: Child = start(process.execPath, args, env);
    try {
      const port = new URL(server.baseUrl).port;
      await runner.says(/runner "packed" in Packed/);
      const { host } = await call('POST', '/hosts', {
        name: 'Itself',
        checks: [
          { kind: 'tcp', target: `127.0.0.1:${port}`, locations: ['Packed'] },
          { kind: 'http', target: `${server.baseUrl}/healthz`, locations: ['Packed'] },
          { kind: 'icmp', target: '127.0.0.1', locations: ['Packed'] },
        ],
      });
      const seen = await until(
        async () => {
          const { hosts } = await call('GET', '/status');
          return hosts.find(({ id }: { id: number }) => id === host.id);
        },
        ({ checks }) => checks.every(({ status }: { status: string }) => status === 'up'),
      );
      expect(seen.status).toBe('up');
      expect(run(['runner', 'health'], { ANYUP_DATA: data })).toMatchObject({ code: 0 });
      const told = examine({ ANYUP_DATA: data });
      expect(told.code).toBe(0);
      expect(told.of('key')?.grade).toBe('ok');
      expect(told.of('identity')?.says).toContain('"packed" in Packed');
      expect(told.of('worker')).toMatchObject({ grade: 'ok' });
      expect(told.of('clock')?.grade).toBe('ok');
    } finally {
      expect(await runner.stop('SIGTERM')).toBe(0);
    }
  });

  it('says what there is, and refuses what there is not', () => {
    expect(run(['--help'])).toMatchObject({
      code: 0,
      said: expect.stringMatching(/join <url> <code>/),
    });
    expect(run(['runner', 'dance'])).toMatchObject({
      code: 2,
      complained: expect.stringMatching(/doctor/),
    });
  });
});

describe('anyup runner doctor', () => {
  it('names what must be mended, and how, with an exit code for scripts', () => {
    const { code, of } = examine({ ANYUP_DATA: join(folder, 'none') });
    expect(code).toBe(1);
    expect(of('worker')).toMatchObject({ grade: 'fail', mend: expect.stringMatching(/ANYUP_URL/) });
    expect(of('key')?.grade).toBe('warn');
    const { said } = run(['runner', 'doctor'], { ANYUP_DATA: join(folder, 'none') });
    expect(said).toMatch(/FAIL {2}worker .*\n\s+→ /);
  });

  it('tells a worker that is not there from something else that answers', async () => {
    const gone = examine({ ANYUP_URL: 'http://127.0.0.1:9', ANYUP_DATA: join(folder, 'none') });
    expect(gone.of('worker')).toMatchObject({
      grade: 'fail',
      says: expect.stringMatching(/does not answer/),
    });
    const other = examine({ ANYUP_URL: `${server.baseUrl}/nowhere`, ANYUP_DATA: folder });
    expect(other.of('worker')?.says).toContain('not Anyup');
  });

  it('finds a key that others can read, and a script that others can change', () => {
    const probes = mkdtempSync(join(folder, 'probes-'));
    writeFileSync(join(probes, 'good'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    writeFileSync(join(probes, 'open'), '#!/bin/sh\nexit 0\n');
    chmodSync(join(probes, 'open'), 0o777);
    chmodSync(join(folder, 'data/key.json'), 0o644);
    const env = { ANYUP_DATA: join(folder, 'data'), ANYUP_PROBES: probes };
    const { said } = run(['runner', 'doctor', '--json'], env);
    const { findings } = JSON.parse(said) as { findings: Finding[] };
    expect(findings.find(({ name }) => name === 'key')).toMatchObject({
      grade: 'warn',
      mend: expect.stringContaining('chmod 600'),
    });
    const scripts = findings.filter(({ name }) => name === 'scripts');
    expect(scripts.map(({ grade }) => grade)).toEqual(['ok', 'warn']);
    expect(scripts[1]?.says).toContain('"open"');
  });

  it('and health tells a runner that does not turn', () => {
    const { code, said } = run(['runner', 'health'], { ANYUP_DATA: join(folder, 'none') });
    expect({ code, said: said.trim() }).toEqual({ code: 1, said: 'no sign of life' });
  });

  it('says so when a file of settings is wrong', () => {
    const { code, complained } = run(['runner', 'doctor'], { ANYUP_URL: 'ftp://example.org' });
    expect(code).toBe(2);
    expect(complained).toContain('ANYUP_URL');
  });

  it('sends its test messages by what is packed into the one file', async () => {
    const [telegram, smtp] = await Promise.all([startTelegram(), startSmtp()]);
    const file = join(folder, 'channels.json');
    const channels = {
      phone: { kind: 'telegram', token: BOT_TOKEN, chatId: CHAT_ID },
      mail: {
        ...{ kind: 'smtp', host: '127.0.0.1', port: smtp.port, security: 'none' },
        ...{ user: MAIL_USER, password: MAIL_PASSWORD },
        ...{ from: 'status@example.org', to: ['ops@example.org'] },
      },
    };
    const deadman = { channels: ['phone', 'mail'] };
    writeFileSync(file, JSON.stringify({ channels, deadman }), { mode: 0o600 });
    const env = { TELEGRAM_API_URL: telegram.url, ANYUP_DATA: join(folder, 'none') };
    const args = ['runner', 'doctor', '--deadman-test', '--runner-file', file];
    const doctor = start(process.execPath, [anyup, ...args], env);
    await doctor.ended;
    expect(doctor.said()).toContain('phone took a test message (message 1)');
    expect(doctor.said()).toContain('mail took a test message (250 queued as 1)');
    expect(smtp.mails[0]?.raw).toContain('Nothing is wrong.');
    await Promise.all([telegram.close(), smtp.close()]);
  });
});
