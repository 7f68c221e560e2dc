// A secret's whole way, in real processes: from the runner's file to the host it is for, and to nowhere else.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ACCESS_KEY, hashOf } from '#test/support/api.ts';
import { startNode } from '#test/support/children.ts';
import { makeJoinCode } from '#test/support/fakeRunner.ts';
import { testPlatform } from '#test/support/platform.ts';
import { says as always, rawServer } from '#test/support/probes/servers.ts';
import { until } from '#test/support/until.ts';
import { app } from '#worker/app.ts';
import { Bell } from '../../bin/server/bell.ts';
import { type Listening, listen } from '../../bin/server/listen.ts';

const VALUE = 'sesame-4f1c9e7b2a';

it('a secret is in the request it is for, and in no table, answer, export, log or file of anybody else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'anyup-secret-'));
  const scripts = join(folder, 'probes');
  const platform = {
    ...(await testPlatform({ accessKeyHash: hashOf(ACCESS_KEY), flushMs: 300 })),
    now: Date.now,
  };
  // It repeats what it got, as a careless page does.
  const target = await rawServer((socket, request) => {
    const key = /X-Key: (.*)\r/.exec(request)?.[1] ?? '';
    socket.end(
      `HTTP/1.1 302 Go\r\nLocation: ftp://x/${key}\r\nContent-Length: ${key.length}\r\n\r\n${key}`,
    );
  });
  const other = await rawServer(always('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  const bell = new Bell({ shared: false });
  let server: Listening | null = null;
  try {
    server = await listen('127.0.0.1', 0, (request) => app.fetch(request, platform), bell);
    const url = `http://127.0.0.1:${server.port}`;
    platform.config.url = url;
    const api = async (path: string, body?: object) => {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method: body ? 'POST' : 'GET',
        headers: { authorization: `Bearer ${ACCESS_KEY}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      return answer.text();
    };
    const data = join(folder, 'data');
    const file = join(folder, 'runner.json');
    const allowed = { hosts: ['127.0.0.1', 'script:says'], kinds: ['http', 'script'] };
    writeFileSync(file, JSON.stringify({ secrets: { key: { value: VALUE, ...allowed } } }));
    chmodSync(file, 0o600);
    mkdirSync(scripts);
    const says = '#!/bin/sh\necho "got $1"; echo "again $1" >&2; exit 2\n';
    writeFileSync(join(scripts, 'says'), says, { mode: 0o755 });
    const runner = startNode('bin/runner.ts', {
      ANYUP_URL: url,
      ANYUP_JOIN: await makeJoinCode(platform, { location: 'Home' }),
      ANYUP_DATA: data,
      ANYUP_RUNNER_FILE: file,
      ANYUP_PROBES: scripts,
      ANYUP_LOG: 'debug',
    });
    await runner.says(/own file .*runner\.json \(1 secrets\)/);
    await runner.says(/\(1 found\)/);
    const check = { interval: '2s', timeout: '2s', headers: { 'X-Key': 'secret:key' } };
    const here = `http://127.0.0.1:${target.port}/`;
    await api('/hosts', { name: 'echo', checks: [{ target: here, ...check }] });
    await api('/hosts', {
      name: 'script',
      checks: [{ target: 'script:says', args: ['secret:key'], interval: '2s', timeout: '2s' }],
    });
    const tries = [
      { target: here, headers: check.headers },
      { target: 'script:says', args: ['secret:key'] },
      { target: `http://localhost:${other.port}/`, headers: check.headers },
    ];
    const answers: string[] = [];
    for (const each of tries) {
      const { askId } = JSON.parse(await api('/tries', each)) as { askId: string };
      await until(async () => (await api(`/tries/${askId}`)).includes('"answered"'), Boolean);
      answers.push(await api(`/tries/${askId}`));
    }
    const measured = async () => {
      const { rows } = await platform.db.$client.execute(`select count(*) as n from incident`);
      return Number(rows[0]?.n) >= 2;
    };
    await until(measured, Boolean);
    const backup = await (
      await fetch(`${url}/api/v1/backup?full`, {
        headers: { authorization: `Bearer ${ACCESS_KEY}` },
      })
    ).text();
    await runner.stop();

    expect(target.received.join()).toContain(`X-Key: ${VALUE}`);
    expect(other.received).toEqual([]);
    expect(answers[0]).toContain('[secret:key]');
    expect(answers[1]).toContain('got [secret:key]');
    expect(answers[2]).toContain('unable.secret');
    expect(backup).toContain('secret:key');
    const tables = await platform.db.$client.execute(
      `select name from sqlite_schema where type = 'table'`,
    );
    const everywhere = [...answers, backup, runner.said(), JSON.stringify(platform.logs)];
    for (const { name } of tables.rows) {
      const { rows } = await platform.db.$client.execute(`select * from "${String(name)}"`);
      everywhere.push(
        rows
          .flatMap((row) => Object.values(row))
          .map(textOf)
          .join('\n'),
      );
    }
    everywhere.push(...filesIn(data).map((path) => readFileSync(path, 'latin1')));
    const told = everywhere.join('\n');
    expect(told).toContain('secret:key');
    for (const form of [
      VALUE,
      Buffer.from(VALUE).toString('base64'),
      VALUE.slice(0, 10),
      VALUE.slice(-10),
    ]) {
      expect(told.includes(form), form).toBe(false);
    }
  } finally {
    await server?.stop();
    await target.close();
    await other.close();
    platform.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

function textOf(value: unknown): string {
  return value instanceof ArrayBuffer ? Buffer.from(value).toString('latin1') : String(value);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
