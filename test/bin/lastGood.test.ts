// A start while the database cannot be opened: the page is there, as it was last known.
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCESS_KEY } from '#test/support/api.ts';
import { type Child, startNode, start as startProgram } from '#test/support/children.ts';
import { freePort } from '#test/support/sqld.ts';
import { until } from '#test/support/until.ts';

let folder: string;
let port: number;
let server: Child;
const file = (name: string) => join(folder, name);

/** Another program that has the file for itself. */
const LOCK = `
  import { DatabaseSync } from 'node:sqlite';
  const db = new DatabaseSync(process.env.FILE);
  db.exec('pragma locking_mode = exclusive; update host set paused = paused;');
  console.log('it is mine');
  setInterval(() => db, 1000);
`;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anyup-last-good-'));
  port = await freePort();
  start();
  await until(
    () => ask('/'),
    ({ status }) => status === 200,
  );
  await fetch(`http://127.0.0.1:${port}/api/v1/hosts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ACCESS_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Shop', target: 'https://shop.example/' }),
  });
  await server.stop();
  // A new process keeps a copy of the first page it makes.
  start();
  await until(
    () => ask('/'),
    () => kept().includes('"Shop"'),
  );
  await server.stop();
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

function start(): void {
  const env = {
    PORT: String(port),
    ANYUP_DATA: folder,
    ANYUP_LOCAL_RUNNER: '0',
    ANYUP_ACCESS_KEY: ACCESS_KEY,
  };
  server = startNode('bin/standalone.ts', env);
}

function kept(): string {
  return existsSync(file('snapshot.json')) ? readFileSync(file('snapshot.json'), 'utf8') : '';
}

async function ask(path: string): Promise<{ status: number; text: string }> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: answer.status, text: await answer.text() };
  } catch {
    return { status: 0, text: '' };
  }
}

async function showsTheCopy(): Promise<void> {
  const { text } = await until(
    () => ask('/'),
    ({ status }) => status === 200,
  );
  expect(text).toContain('database does not answer. This is what was known at');
  expect(text).toContain('Shop');
  expect((await ask('/healthz')).status).toBe(503);
  expect((await ask('/api/v1/status')).text).toContain('"stale":true');
}

async function isItselfAgain(): Promise<void> {
  const { text } = await until(
    () => ask('/'),
    ({ text }) => text.includes('Shop') && !text.includes('does not answer'),
  );
  expect(text).toContain('Shop');
  expect((await ask('/healthz')).status).toBe(200);
}

describe('a start', () => {
  it('with the database locked by another program shows the page as it was last known', async () => {
    const other = startProgram(process.execPath, ['--input-type=module', '-e', LOCK], {
      FILE: file('anyup.db'),
    });
    await other.says(/it is mine/);
    start();
    await showsTheCopy();
    expect(server.said()).toMatch(/cannot open the database .*until then the page shows/);
    await other.stop('SIGKILL');
    await isItselfAgain();
  });

  it('with the database file gone makes no empty one in its place', async () => {
    renameSync(file('anyup.db'), file('elsewhere.db'));
    start();
    await showsTheCopy();
    expect(server.said()).toMatch(/anyup\.db is gone; put it back, or remove .*snapshot\.json/);
    expect(existsSync(file('anyup.db'))).toBe(false);
    renameSync(file('elsewhere.db'), file('anyup.db'));
    await isItselfAgain();
  });

  it('with the database gone and no copy either begins anew', async () => {
    rmSync(file('anyup.db'));
    rmSync(file('snapshot.json'));
    start();
    const { text } = await until(
      () => ask('/'),
      ({ status }) => status === 200,
    );
    expect(text).toContain('Nothing is watched yet');
  });
});
