// What a runner sees of its own machine. Where the machine cannot be told what to do, two ways to know are compared.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  libraryMemory,
  libraryMounts,
  libraryNetwork,
  libraryProcesses,
} from '#runner/machine/library.ts';
import { judgeLimits } from '#runner/machine/limits.ts';
import { memoryOfLinux } from '#runner/machine/memory.ts';
import { realMounts } from '#runner/machine/mounts.ts';
import { networkOfLinux } from '#runner/machine/network.ts';
import { runProbe } from '#runner/probes/index.ts';
import { until } from '#test/support/until.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'anyup-machine-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function probe(kind: string, target: string, fields: Record<string, unknown> = {}) {
  return runProbe({ kind, target, ...fields }, { timeoutMs: 5000, probesFolder: null });
}

describe('a figure of the machine', () => {
  it.each([
    ['machine:cpu', 'cpu', 0, 100],
    ['machine:load', 'load1', 0, 100_000],
    ['machine:memory', 'memory', 0.1, 100],
    ['machine:swap', 'swap', 0, 100],
    ['machine:disk:/', 'disk', 0, 100],
    ['machine:inodes:/', 'inodes', 0, 100],
    ['machine:network', 'received', 0, 1e9],
    ['machine:uptime', 'uptime', 0.01, 1e9],
  ])('%s is measured and charted', async (target, metric, least, most) => {
    const { level, code, metrics = [] } = await probe('machine', target);
    expect([level, code]).toEqual([100, 'ok']);
    const { value = -1 } = metrics.find(({ name }) => name === metric) ?? {};
    expect(value).toBeGreaterThanOrEqual(least);
    expect(value).toBeLessThanOrEqual(most);
  });

  it('says how busy the processors were since the last look', async () => {
    const busy = spawn('sh', ['-c', 'while :; do :; done']);
    try {
      const cpu = async () => {
        const { metrics = [] } = await probe('machine', 'machine:cpu', { downAbove: 1000 });
        return metrics.find(({ name }) => name === 'cpu')?.value ?? 0;
      };
      await until(cpu, (value) => value > 20);
    } finally {
      busy.kill('SIGKILL');
    }
  });

  it('is degraded or down beyond its limits, in plain words', async () => {
    const above = await probe('machine', 'machine:memory', { degradedAbove: 0.01 });
    expect(above).toMatchObject({ level: 250, code: 'machine.limit' });
    expect(above.text).toMatch(/^memory [\d.]+ %, above 0\.01 %$/);
    const below = await probe('machine', 'machine:uptime', { downBelow: 14_400_000 });
    expect(below.text).toMatch(/^uptime (\d+ (d|h|min|s) ?){1,2}, below 10000 d$/);
    expect(below.level).toBe(400);
  });

  it('is down where what is looked at is not there, and unable where nothing can be known', async () => {
    expect(await probe('machine', 'machine:disk:/not/mounted')).toMatchObject({
      level: 500,
      code: 'machine.missing',
      text: 'there is no /not/mounted',
    });
    expect(await probe('machine', 'machine:network:nope0')).toMatchObject({ level: 500 });
  });
});

describe('a limit that must last', () => {
  const limits = {
    degradedAbove: 80,
    downAbove: 95,
    degradedBelow: undefined,
    downBelow: undefined,
    sustained: 60_000,
  };
  const judge = (value: number, nowMs: number) =>
    judgeLimits('one', value, limits, nowMs, (each) => `${each} %`);

  it('counts once it was passed at every look for so long, and anew after one within', () => {
    expect(judge(85, 0)).toEqual({ level: 100, text: 'above 80 %, not yet for 1 min' });
    expect(judge(97, 40_000).level).toBe(100);
    expect(judge(97, 60_000)).toEqual({ level: 250, text: 'above 80 % for 1 min' });
    expect(judge(97, 100_000)).toEqual({ level: 400, text: 'above 95 % for 1 min' });
    expect(judge(50, 110_000)).toEqual({ level: 100, text: '' });
    expect(judge(99, 120_000).level).toBe(100);
  });
});

describe('what Linux says itself', () => {
  it('is what the library says, which asks it elsewhere', async () => {
    const [own, theirs] = [await memoryOfLinux(), await libraryMemory()];
    expect(own.total).toBe(theirs.total);
    expect(own.swapTotal).toBe(theirs.swapTotal);
    const network = await networkOfLinux();
    for (const name of (await libraryNetwork()).keys()) expect([...network.keys()]).toContain(name);
    const mounts = await realMounts();
    expect(mounts).toContain('/');
    for (const mount of await libraryMounts()) expect(mount).toMatch(/^\//);
    const nodes = (await libraryProcesses()).filter(({ command }) => command.includes('vitest'));
    expect(nodes.length).toBeGreaterThan(0);
  });
});

describe('processes', () => {
  it('are counted by name, and by what their command line matches', async () => {
    const name = join(folder, 'anyup-sleeper');
    writeFileSync(name, '#!/bin/sh\nread -r _\n');
    chmodSync(name, 0o755);
    const children = ['one', 'two'].map((word) => spawn(name, [word]));
    try {
      const count = async (fields: Record<string, unknown>) =>
        (await probe('process', 'process:anyup-sleeper', fields)).metrics?.[0]?.value;
      await until(
        () => count({}),
        (found) => found === 2,
      );
      expect(await count({ command: 'sleeper two$' })).toBe(1);
      const many = await probe('process', 'process:anyup-sleeper', { max: 1 });
      expect(many).toMatchObject({
        level: 500,
        code: 'processes.count',
        text: '2 anyup-sleeper runs; at most 1 expected',
      });
    } finally {
      for (const child of children) child.kill('SIGKILL');
    }
  });

  it('that do not run are down', async () => {
    expect(await probe('process', 'process:not-on-any-machine')).toMatchObject({
      level: 500,
      text: 'no not-on-any-machine runs; at least 1 expected',
    });
  });
});

describe('a service of systemd', () => {
  /** Prints what systemctl prints of units in these states. */
  const systemctl = `case "$4" in
    web.service) echo LoadState=loaded; echo ActiveState=active; echo SubState=running; echo NRestarts=3 ;;
    db.service) echo LoadState=loaded; echo ActiveState=failed; echo SubState=failed; echo Result=exit-code ;;
    gone.service) echo LoadState=not-found; echo ActiveState=inactive; echo SubState=dead ;;
    *) echo "Failed to connect to bus: No such file or directory" >&2; exit 1 ;;
  esac`;
  beforeAll(() => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'systemctl'), `#!/bin/sh\n${systemctl}\n`);
    chmodSync(join(bin, 'systemctl'), 0o755);
    vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  it.each([
    ['web', {}, 100, ''],
    ['web', { expect: 'stopped' }, 500, 'web is active (running); it should be stopped'],
    ['db', {}, 500, 'db is failed (exit-code); it should be running'],
    ['gone', {}, 500, 'there is no service gone.service'],
    [
      'other',
      {},
      null,
      'systemd does not answer: Failed to connect to bus: No such file or directory',
    ],
  ])('%s, %j', async (name, fields, level, text) => {
    const found = await probe('service', `service:${name}`, fields);
    expect([found.level, found.text]).toEqual([level, text]);
  });

  it('cannot be known of where there is no systemd', async () => {
    vi.stubEnv('PATH', folder);
    const found = await probe('service', 'service:web');
    expect(found).toMatchObject({ level: null, text: 'this machine has no systemd' });
    expect(execFileSync(process.execPath, ['-p', '1'], { encoding: 'utf8' })).toBe('1\n');
  });
});
