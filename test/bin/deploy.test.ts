// The whole of `npm run deploy` but Cloudflare itself, for which a recording stand-in is on the PATH.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createClient } from '@libsql/client';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startNode } from '#test/support/children.ts';
import { type Sqld, startSqld } from '#test/support/sqld.ts';

const WRANGLER = `#!${process.execPath}
const fs = require('node:fs');
const args = process.argv.slice(2);
const folder = process.env.STUB_FOLDER;
const input = args.join(' ') === 'secret bulk' ? fs.readFileSync(0, 'utf8') : '';
fs.appendFileSync(folder + '/calls.jsonl', JSON.stringify({ args, input }) + '\\n');
if (args[0] === 'secret' && args[1] === 'list') {
  process.stdout.write(process.env.STUB_SECRETS ?? '');
  process.stderr.write(process.env.STUB_LIST_ERROR ?? '');
  process.exit(process.env.STUB_LIST_ERROR ? 1 : 0);
}
if (args.includes('--outdir')) fs.writeFileSync(args[args.indexOf('--outdir') + 1] + '/worker.js', 'export default {}');
`;

let sqld: Sqld;
let folder: string;
beforeAll(async () => {
  sqld = await startSqld();
  return () => sqld.stop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyup-deploy-'));
  writeFileSync(join(folder, 'wrangler'), WRANGLER);
  chmodSync(join(folder, 'wrangler'), 0o755);
  return () => rmSync(folder, { recursive: true, force: true });
});

async function deploy(env: Record<string, string>, args: string[] = []) {
  const stub = { STUB_FOLDER: folder, PATH: `${folder}${delimiter}${process.env.PATH}` };
  const child = startNode('bin/deploy.ts', { ...stub, ...env }, args);
  return { code: await child.ended, said: child.said() };
}

function calls(): Array<{ args: string[]; input: string }> {
  const lines = readFileSync(join(folder, 'calls.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}

function settings(): Record<string, string> {
  return {
    TURSO_DATABASE_URL: sqld.url,
    TURSO_AUTH_TOKEN: 'token-of-the-database',
    ANYUP_URL: 'https://status.example.org',
  };
}

const NO_SUCH_WORKER = 'This Worker does not exist on your account. [code: 10007]';

describe('npm run deploy', () => {
  it('names every setting that is missing, and where to get it', async () => {
    const { code, said } = await deploy({});
    expect(code).toBe(2);
    expect(said).toContain('TURSO_DATABASE_URL is not set (turso db show');
    expect(said).toContain('TURSO_AUTH_TOKEN is not set');
    expect(said).toContain('ANYUP_URL is not set');
  });

  it('migrates, uploads, stores new secrets by stdin and shows the key once', async () => {
    const { code, said } = await deploy({ ...settings(), STUB_LIST_ERROR: NO_SUCH_WORKER });
    expect(code).toBe(0);
    const made = calls();
    expect(made.map(({ args }) => args.slice(0, 2).join(' '))).toEqual([
      'secret list',
      'deploy --dry-run',
      'deploy --var',
      'secret bulk',
    ]);
    const secrets = JSON.parse(made[3]?.input ?? '{}');
    expect(Buffer.from(secrets.ANYUP_SECRET, 'base64')).toHaveLength(32);
    expect(secrets).toMatchObject({
      TURSO_DATABASE_URL: sqld.url,
      TURSO_AUTH_TOKEN: 'token-of-the-database',
    });
    expect(said).toContain(`Access key    ${secrets.ANYUP_ACCESS_KEY}`);
    expect(said).not.toContain(secrets.ANYUP_SECRET);
    const inArguments = JSON.stringify(made.map(({ args }) => args));
    for (const secret of Object.values(secrets)) expect(inArguments).not.toContain(secret);
    const { rows } = await createClient({ url: sqld.url }).execute('select count(*) n from host');
    expect(rows[0]?.n).toBe(0);
  });

  it('leaves the secrets of a worker that has them as they are', async () => {
    const held = '[{"name":"ANYUP_SECRET","type":"secret_text"},{"name":"ANYUP_ACCESS_KEY"}]';
    const { code, said } = await deploy({ ...settings(), STUB_SECRETS: held });
    expect(code).toBe(0);
    const stored = JSON.parse(calls().at(-1)?.input ?? '{}');
    expect(Object.keys(stored)).toEqual(['TURSO_DATABASE_URL', 'TURSO_AUTH_TOKEN']);
    expect(said).not.toContain('Access key');
  });

  it('stops before anything is changed when the secrets cannot be listed', async () => {
    const { code, said } = await deploy({
      ...settings(),
      STUB_LIST_ERROR: 'You are not logged in',
    });
    expect(code).toBe(1);
    expect(said).toContain('You are not logged in');
    expect(calls()).toHaveLength(1);
  });

  it('rehearses with --dry-run: builds, names what is missing, asks Cloudflare nothing', async () => {
    const { code, said } = await deploy({}, ['--dry-run']);
    expect(code).toBe(0);
    expect(said).toContain('note: ANYUP_URL is not set');
    expect(said).toMatch(/the worker is \d+ KB gzip/);
    expect(calls().map(({ args }) => args[1])).toEqual(['--dry-run']);
  });
});
