// A runner started with --host, as a process, against a real Anyup.
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
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCESS_KEY } from '#test/support/api.ts';
import { type Child, startNode } from '#test/support/children.ts';
import {
  BOT_TOKEN,
  CHAT_ID,
  type FakeTelegram,
  startTelegram,
} from '#test/support/fakes/telegram.ts';
import { until } from '#test/support/until.ts';

interface CheckStatus {
  id: number;
  name: string;
  kind: string;
  status: string;
  level: number | null;
  sentence: string;
}
interface HostStatus {
  id: number;
  name: string;
  status: string;
  level: number | null;
  checks: CheckStatus[];
}

describe('a runner that watches its own machine', { timeout: 240_000 }, () => {
  let folder: string;
  let server: Child;
  let runner: Child;
  let url: string;
  let telegram: FakeTelegram;
  const tree = (name: string) => join(folder, 'wigo', 'probes', name);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'anyup-host-'));
    mkdirSync(tree('60'), { recursive: true });
    mkdirSync(tree('5'));
    mkdirSync(tree('examples'));
    probe(
      'examples/greet',
      'echo "{\\"Status\\": 100, \\"Message\\": \\"$WIGO_PROBE_CONFIG_ROOT\\"}"',
    );
    symlinkSync('../examples/greet', tree('60/greet'));
    telegram = await startTelegram();
    server = startNode('bin/standalone.ts', {
      PORT: '0',
      ANYUP_DATA: join(folder, 'server'),
      ANYUP_LOCAL_RUNNER: '0',
      ANYUP_ACCESS_KEY: ACCESS_KEY,
      TELEGRAM_API_URL: telegram.url,
    });
    const [, address = ''] = await server.says(/Status page\s+(\S+)\//);
    url = address;
    await until(
      () => fetch(`${url}/healthz`).catch(() => null),
      (answer) => answer?.ok === true,
    );
    const settings = { token: BOT_TOKEN, chatId: CHAT_ID };
    const channel = await api('POST', '/channels', { name: 'Ops', kind: 'telegram', settings });
    await api('POST', '/rules', { channelId: channel.id });
    const { code } = await api('POST', '/join-codes', { name: 'web-1', location: 'Office' });
    runner = startRunner({ ANYUP_JOIN: code });
  });
  afterAll(async () => {
    await runner?.stop('SIGKILL');
    await server?.stop();
    await telegram?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function probe(name: string, body: string): void {
    writeFileSync(tree(name), `#!/bin/sh\n${body}\n`);
    chmodSync(tree(name), 0o755);
  }

  function startRunner(more: Record<string, string> = {}): Child {
    const env = { ANYUP_URL: url, ANYUP_DATA: join(folder, 'runner'), ...more };
    const args = ['--host', '--wigo-probes', join(folder, 'wigo', 'probes')];
    return startNode('bin/runner.ts', { WIGO_PROBE_CONFIG_ROOT: '/opt/conf.d', ...env }, args);
  }

  async function api(method: string, path: string, body?: unknown) {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${ACCESS_KEY}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  async function host(): Promise<HostStatus | undefined> {
    const { hosts } = (await api('GET', '/status')) as { hosts: HostStatus[] };
    return hosts.find(({ name }) => name === 'web-1');
  }

  it('appears within a minute as a host with its figures and every probe of its tree', async () => {
    const startedAt = Date.now();
    const there = await until(host, (now) => now !== undefined && now.checks.length > 7, 60_000);
    expect(Date.now() - startedAt).toBeLessThan(60_000);
    const names = there?.checks.map(({ name }) => name) ?? [];
    for (const name of ['Reports', 'CPU', 'Load', 'Memory', 'Swap', 'Disk /', 'greet']) {
      expect(names).toContain(name);
    }
    // Whatever this machine is busy with: all of it is measured.
    await until(host, (now) => now?.checks.every(({ level }) => level !== null) === true, 90_000);
  });

  it('runs a probe behind a link as Wigo does, with its folder of settings', async () => {
    const config = await api('GET', '/status');
    const check = (config.hosts as HostStatus[])[0]?.checks.find(({ name }) => name === 'greet');
    expect(check).toMatchObject({ kind: 'script', level: 100, reason: { text: '/opt/conf.d' } });
  });

  it('notices a probe that is added, and one that is removed', async () => {
    probe('5/extra', 'echo "{\\"Status\\": 250, \\"Message\\": \\"rather full\\"}"');
    const named = (now: HostStatus | undefined) => now?.checks.find(({ name }) => name === 'extra');
    const added = await until(host, (now) => named(now)?.level === 250, 150_000);
    const { id } = named(added) as CheckStatus;
    unlinkSync(tree('5/extra'));
    await until(host, (now) => now !== undefined && named(now) === undefined, 60_000);
    // It comes back as what it was, history and all.
    probe('5/extra', 'echo "{\\"Status\\": 100}"');
    const back = await until(host, (now) => named(now) !== undefined, 60_000);
    expect(named(back)?.id).toBe(id);
  });

  it('is 999 when it is killed, told once, and up again when it is back, told once', async () => {
    const there = await host();
    const { checks } = await api('GET', `/hosts/${there?.id}`);
    // So that nobody has to wait for a minute and a half: the owner's word goes over the runner's.
    const patch = checks.map(({ id, kind }: { id: number; kind: string }) => ({
      id,
      ...(kind === 'report' && { interval: '1s', aliveTimeout: '10s', timeout: '1s' }),
    }));
    await api('PATCH', `/hosts/${there?.id}`, { checks: patch });
    const settled = await api('GET', `/hosts/${there?.id}`);
    expect(settled.checks[0]).toMatchObject({ kind: 'report', aliveTimeout: '10s' });
    await until(host, (now) => now?.checks[0]?.level === 100, 60_000);
    const before = telegram.messages.length;
    await runner.stop('SIGKILL');
    await until(host, (now) => now?.level === 999, 60_000);
    const silent = await host();
    expect(silent).toMatchObject({ status: 'down', level: 999 });
    expect(silent?.checks[0]?.sentence).toContain('no report since');
    await until(
      () => telegram.messages.length,
      (count) => count > before,
    );
    runner = startRunner();
    await until(host, (now) => now?.checks[0]?.status === 'up', 60_000);
    const told = () => telegram.messages.slice(before).map(({ text }) => text);
    await until(told, (texts) => texts.length >= 2);
    const about = told().filter((text) => /Reports|silent|web-1 is/.test(text));
    expect(about).toHaveLength(2);
    expect(about[0]).toMatch(/web-1 is down[\s\S]*no report from web-1/);
    expect(about[1]).toMatch(/web-1 is up again/);
  });
});
