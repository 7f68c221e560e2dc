import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { Result } from '#core/wire/results.ts';
import { nodeDisk } from '#runner/node/disk.ts';
import { SPOOL_LIMITS, type SpoolLimits } from '#runner/spool/bounds.ts';
import { decodeFrames, encodeFrame } from '#runner/spool/frame.ts';
import { type Held, Spool } from '#runner/spool/spool.ts';
import { VirtualWorld } from '#test/support/virtualRunner.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'anyup-spool-'));
  folders.push(folder);
  return folder;
}

let boots = 0;

function openSpool(
  world: VirtualWorld,
  limits: Partial<SpoolLimits> = {},
  disk = world.platform().disk,
) {
  const { log, setTimer, monotonicMs } = world.platform();
  const boot = `boot${boots++}`;
  const all = { ...SPOOL_LIMITS, ...limits };
  return new Spool({ disk, log, setTimer, monotonicMs, now: world.wall, boot, limits: all });
}

/** The spool as the next start of the runner finds it. */
async function reopen(world: VirtualWorld, limits: Partial<SpoolLimits> = {}): Promise<Spool> {
  const spool = openSpool(world, limits);
  await spool.open(Number.POSITIVE_INFINITY);
  return spool;
}

function reading(checkId: number, at: number, overrides: Partial<Result> = {}) {
  const result: Result = {
    checkId,
    rev: 1,
    at,
    level: 100,
    rttUs: 1500,
    code: 'ok',
    text: '',
    ...overrides,
  };
  return { shard: 0, result };
}

const numbers = (held: readonly Held[]) => held.map(({ result }) => result.checkId);

async function allLate(spool: Spool): Promise<number[]> {
  const found: number[] = [];
  for (;;) {
    const held = await spool.nextLate(500);
    if (held.length === 0) return found;
    found.push(...numbers(held));
    spool.done(held);
  }
}

describe('the spool', () => {
  it('gives back every field of a reading after a restart', async () => {
    const world = new VirtualWorld();
    const full = reading(1, world.wall(), {
      level: null,
      rttUs: null,
      code: 'unable.icmp',
      text: 'no right to send',
      blind: true,
      extra: true,
      phases: { dnsUs: 3 },
      metrics: [{ name: 'load', value: 0.5, unit: '' }],
      detail: 'line 1\nline 2',
    });
    await (await reopen(world)).append([full, reading(2, world.wall())]);
    const [first, second] = await (await reopen(world)).nextLate(10);
    expect(first?.result).toEqual(full.result);
    expect(second?.result).toEqual(reading(2, world.wall()).result);
  });

  it('hands what is fresh to the live queue and the rest to the late stream', async () => {
    const world = new VirtualWorld();
    const now = world.wall();
    await (await reopen(world)).append([reading(1, now - 90_000), reading(2, now - 5000)]);
    const spool = openSpool(world);
    expect(numbers(await spool.open(now - 60_000))).toEqual([2]);
    expect(await allLate(spool)).toEqual([1]);
  });

  it('forgets what the worker has, across restarts, and removes used-up files', async () => {
    const world = new VirtualWorld();
    const spool = await reopen(world);
    const held = await spool.append([1, 2, 3, 4].map((n) => reading(n, world.wall())));
    spool.done(held.slice(1, 3));
    await spool.close();
    const again = await reopen(world);
    expect(await allLate(again)).toEqual([1, 4]);
    await again.close();
    expect([...world.disk.files.keys()]).toEqual(['spool/state.json']);
  });

  it('cuts a torn tail and keeps all before it', async () => {
    const world = new VirtualWorld();
    const spool = await reopen(world);
    for (const n of [1, 2, 3]) await spool.append([reading(n, world.wall())]);
    const [path] = [...world.disk.files.keys()] as [string];
    const whole = world.disk.files.get(path) as Uint8Array;
    world.disk.files.set(path, whole.slice(0, whole.byteLength - 5));
    expect(await allLate(await reopen(world))).toEqual([1, 2]);
    expect(world.logs.join('\n')).toContain('cut the end that was being written at a crash');
  });

  it('keeps all before a tail that a power cut left as zeros', async () => {
    const world = new VirtualWorld();
    const spool = await reopen(world);
    for (const n of [1, 2]) await spool.append([reading(n, world.wall())]);
    const [path] = [...world.disk.files.keys()] as [string];
    const whole = world.disk.files.get(path) as Uint8Array;
    world.disk.files.set(path, Buffer.concat([whole, Buffer.alloc(100)]));
    expect(await allLate(await reopen(world))).toEqual([1, 2]);
  });

  it('takes no damaged frame for a good one, wherever a byte is wrong', () => {
    const frames = ['[1]', '[2]', '[3]'].map((text) => encodeFrame(Buffer.from(text)));
    const whole = Buffer.concat(frames);
    for (let i = 0; i < whole.byteLength; i++) {
      const damaged = Buffer.from(whole);
      damaged[i] = (damaged[i] as number) ^ 0x40;
      const texts = decodeFrames(damaged).payloads.map((payload) =>
        Buffer.from(payload).toString(),
      );
      expect(['[1]', '[2]', '[3]'].slice(0, texts.length)).toEqual(texts);
      expect(texts.length).toBe(Math.floor(i / (whole.byteLength / 3)));
    }
  });

  it('loses nothing that was said to be on disk, killed at any instant', async () => {
    const folder = tempFolder();
    const script = fileURLToPath(new URL('./spoolWriter.ts', import.meta.url));
    let next = 1;
    for (const run of [1, 2, 3, 4, 5]) {
      const child = spawn(process.execPath, [script, folder, String(next), `run${run}`], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let out = '';
      const enough = 40 + ((run * 37) % 60);
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (chunk: Buffer) => {
          out += chunk.toString();
          if (out.split('\n').length > enough) child.kill('SIGKILL');
        });
        child.on('close', () => resolve());
      });
      const said = out.slice(0, out.lastIndexOf('\n')).split('\n').map(Number);
      const world = new VirtualWorld();
      const spool = openSpool(world, {}, nodeDisk(folder));
      await spool.open(Number.POSITIVE_INFINITY);
      const found: number[] = [];
      for (
        let held = await spool.nextLate(500);
        held.length > 0;
        held = await spool.nextLate(500)
      ) {
        found.push(...numbers(held));
        for (const { segment, index } of held) segment.done(index);
      }
      const last = said.at(-1) as number;
      // All that was said, and at most the one that was written and not yet said.
      expect([last, last + 1]).toContain(found.at(-1));
      expect(found).toEqual(Array.from({ length: found.length }, (_, i) => i + 1));
      next = (found.at(-1) as number) + 1;
    }
  });

  it('syncs nothing that the worker takes in time, and within a minute what it does not take', async () => {
    const world = new VirtualWorld();
    const spool = openSpool(world);
    for (let second = 0; second < 300; second++) {
      const held = await spool.append([reading(second, world.wall())]);
      // Posted 15 s later.
      world.platform().setTimer(15_000, () => spool.done(held));
      await world.advance(1000);
    }
    expect(world.disk.synced).toEqual([]);
    await spool.append([reading(301, world.wall())]);
    await world.advance(60_000);
    expect(world.disk.synced).toHaveLength(1);
    await spool.append([reading(302, world.wall())]);
    await world.advance(60_000);
    expect(world.disk.synced).toHaveLength(2);
    await world.advance(600_000);
    expect(world.disk.synced).toHaveLength(2);
  });

  it('tries again later what cannot be synced now', async () => {
    const world = new VirtualWorld();
    const spool = openSpool(world);
    await spool.append([reading(1, world.wall())]);
    world.disk.failure = new Error('no space left on device');
    await world.advance(60_000);
    world.disk.failure = null;
    await world.advance(60_000);
    expect(world.disk.synced).toHaveLength(1);
  });

  it('syncs at once when the runner stops', async () => {
    const world = new VirtualWorld();
    const spool = openSpool(world);
    await spool.append([reading(1, world.wall())]);
    await spool.close();
    expect(world.disk.synced).toHaveLength(1);
  });

  it('drops the oldest when it is full, counts them, and tells the count until the worker has it', async () => {
    const world = new VirtualWorld();
    const small = { bytes: 3000, segmentBytes: 500 };
    const spool = await reopen(world, small);
    for (let n = 1; n <= 200; n++) spool.toLate(await spool.append([reading(n, world.wall() + n)]));
    const lost = spool.takeLost();
    expect(lost).toBeGreaterThan(100);
    spool.untold(lost);
    await spool.close();

    const again = await reopen(world, small);
    expect(again.takeLost()).toBe(lost);
    again.told(lost);
    expect(await allLate(again)).toEqual(
      Array.from({ length: 200 - lost }, (_, i) => lost + 1 + i),
    );
    await again.close();
    expect((await reopen(world, small)).takeLost()).toBe(0);
  });

  it('drops what is older than its age', async () => {
    const world = new VirtualWorld();
    const spool = await reopen(world, { ageMs: 60_000, segmentBytes: 1 });
    spool.toLate(await spool.append([reading(1, world.wall())]));
    world.nowMs += 61_000;
    spool.toLate(await spool.append([reading(2, world.wall())]));
    expect(await allLate(spool)).toEqual([2]);
    expect(spool.takeLost()).toBe(1);
  });

  it('keeps readings in memory while the disk is full, says so once, and goes back to the disk', async () => {
    const world = new VirtualWorld();
    const spool = await reopen(world);
    await spool.append([reading(1, world.wall())]);
    world.disk.failure = new Error('ENOSPC: no space left on device');
    const held = [
      ...(await spool.append([reading(2, world.wall())])),
      ...(await spool.append([reading(3, world.wall())])),
    ];
    expect(numbers(held)).toEqual([2, 3]);
    world.disk.failure = null;
    world.nowMs += 11_000;
    await spool.append([reading(4, world.wall())]);
    const warnings = world.logs.filter((line) => line.includes('keeping them in memory'));
    expect(warnings).toHaveLength(1);
    expect(world.logs.join('\n')).toContain('the disk takes results again');
    spool.toLate(held);
    expect(await allLate(spool)).toEqual([2, 3]);
    expect(await allLate(await reopen(world))).toEqual([1, 4]);
  });

  it('bounds what it keeps in memory', async () => {
    const world = new VirtualWorld();
    world.disk.failure = new Error('EROFS: read-only file system');
    const spool = await reopen(world, { memoryBytes: 2000, segmentBytes: 300 });
    for (let n = 1; n <= 200; n++) spool.toLate(await spool.append([reading(n, world.wall())]));
    const left = await allLate(spool);
    expect(left.at(-1)).toBe(200);
    expect(left.length + spool.takeLost()).toBe(200);
    expect(left.length).toBeLessThan(50);
  });

  it('keeps its files to its owner', async () => {
    const folder = join(tempFolder(), 'data');
    const disk = nodeDisk(folder);
    await disk.append('spool/x', Buffer.from('x'));
    await disk.replace('key.json', Buffer.from('{}'));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'spool/x')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'key.json')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['key.json', 'spool']);
    chmodSync(join(folder, 'key.json'), 0o644);
    expect(await disk.restrict('key.json')).toBe(true);
    expect(statSync(join(folder, 'key.json')).mode & 0o777).toBe(0o600);
    expect(await disk.restrict('key.json')).toBe(false);
  });
});
