// Real runners and the real worker living through what happens to networks, machines and keys.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '#core/notice.ts';
import { rotateKey } from '#runner/rotate.ts';
import { LivingFleet, type LivingRunner } from '#test/support/livingFleet.ts';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { flipsOf, heldStatus, seedChecks } from '#test/support/seed.ts';
import { DOWN } from '#test/support/virtualRunner.ts';
import { tick } from '#worker/tick/tick.ts';

let platform: TestPlatform;
let fleet: LivingFleet;

beforeEach(async () => {
  platform = await testPlatform();
  fleet = new LivingFleet(platform);
  await platform.db.$client.batch(
    [
      `insert into channel (id, name, kind, config, secrets, enabled, created_at) values (1, 'ops', 'none', '{}', '', 1, 0)`,
      `insert into rule (channel_id, match, from_status, fleet) values (1, '{}', 'down', 1)`,
    ],
    'write',
  );
  await tick(platform);
});
afterEach(async () => {
  await platform.settle().catch(() => undefined);
  platform.close();
});

async function owed(): Promise<string[]> {
  const { rows } = await platform.db.$client.execute('select notice from delivery order by id');
  return rows.map((row) => {
    const notice = JSON.parse(String(row.notice)) as Notice;
    if (notice.type === 'fleet') return `${notice.event} ${notice.runners[0]?.name ?? ''}`.trim();
    return notice.type === 'check' ? `${notice.subject.hostName} ${notice.to}` : notice.type;
  });
}

/** When a runner last posted a reading of its own, epoch ms. */
async function owners(ids: readonly number[], runner: LivingRunner): Promise<number> {
  const { rows } = await platform.db.$client.execute({
    sql: 'select posted_at from view where k % 1048576 = ?',
    args: [Number(runner.identity.runnerId)],
  });
  return rows.length === 0 || ids.length === 0 ? 0 : Number(rows[0]?.posted_at);
}

describe('a runner whose uplink is cut', () => {
  it('is one message, about the runner, when it cannot reach Anyup either', async () => {
    const office = await fleet.add('office-1', 'Office');
    const ids = await seedChecks(platform, { count: 6, intervalMs: 20_000 });
    await fleet.advance(120_000);
    expect(await heldStatus(platform, ids[0] ?? 0)).toBe('up');
    cut(office, false);
    await fleet.advance(10 * 60_000);
    expect(await owed()).toEqual(['silent office-1']);
    mend(office);
    await fleet.advance(5 * 60_000);
    expect(await owed()).toEqual(['silent office-1', 'back office-1']);
    expect(await flipsOf(platform, ids[0] ?? 0)).not.toContain('down');
    expect(await heldStatus(platform, ids[0] ?? 0)).toBe('up');
  });

  it('is one message, about the runner, when Anyup is on its own side of the cut', async () => {
    const office = await fleet.add('office-1', 'Office');
    const ids = await seedChecks(platform, { count: 6, intervalMs: 20_000 });
    await fleet.advance(120_000);
    cut(office, true);
    await fleet.advance(10 * 60_000);
    expect(await owed()).toEqual(['blind office-1']);
    for (const id of ids) expect(await heldStatus(platform, id)).toBe('unknown');
    mend(office);
    await fleet.advance(3 * 60_000);
    expect(await owed()).toEqual(['blind office-1', 'sees office-1']);
    for (const id of ids) expect(await flipsOf(platform, id)).not.toContain('down');
    expect(await heldStatus(platform, ids[0] ?? 0)).toBe('up');
  });

  it('hides no real outage that others see', async () => {
    const office = await fleet.add('office-1', 'Office');
    const home = await fleet.add('home-1', 'Home');
    const ids = await seedChecks(platform, { count: 6, intervalMs: 20_000 });
    await fleet.advance(120_000);
    for (const each of [office, home]) each.probe = () => DOWN;
    await fleet.advance(60_000);
    for (const id of ids) expect(await heldStatus(platform, id)).toBe('down');
  });

  function cut(runner: LivingRunner, worker: boolean): void {
    runner.reaches.worker = worker;
    runner.probe = () => DOWN;
    for (const canary of ['gateway', 'outside']) runner.answers(canary, false);
  }

  function mend(runner: LivingRunner): void {
    runner.reaches.worker = true;
    runner.probe = () => ({ level: 100, rttUs: 1000, code: 'ok', text: '' });
    for (const canary of ['gateway', 'outside']) runner.answers(canary, true);
  }
});

describe('a worker that is stopped for twenty minutes', () => {
  it('calls nothing down and nobody silent for it, and says once that it was away', async () => {
    await fleet.add('office-1', 'Office');
    await fleet.add('home-1', 'Home');
    const ids = await seedChecks(platform, { count: 6, intervalMs: 20_000 });
    await fleet.advance(120_000);
    fleet.workerRuns = false;
    await fleet.advance(20 * 60_000);
    fleet.workerRuns = true;
    await fleet.advance(10 * 60_000);
    expect(await owed()).toEqual(['deaf']);
    for (const id of ids) expect(await flipsOf(platform, id)).toBe('unknown→up');
  });
});

describe('two runners in one location', () => {
  it('share the work; a dead one is replaced within two intervals, and has no last word', async () => {
    const first = await fleet.add('office-1', 'Office');
    const second = await fleet.add('office-2', 'Office');
    const ids = await seedChecks(platform, { count: 12, intervalMs: 60_000 });
    const probed = new Map<LivingRunner, Set<string>>();
    for (const runner of [first, second]) {
      probed.set(runner, new Set());
      runner.probe = (target) => {
        probed.get(runner)?.add(target);
        return { level: 100, rttUs: 1000, code: 'ok', text: '' };
      };
    }
    await fleet.advance(180_000);
    expect(await owners(ids, first)).toBeGreaterThan(0);
    expect(await owners(ids, second)).toBeGreaterThan(0);
    // The first one says "down" of what it owns as its last word, then its power goes.
    first.probe = () => DOWN;
    await fleet.advance(70_000);
    const lost: number[] = [];
    for (const id of ids) if ((await heldStatus(platform, id)) === 'down') lost.push(id);
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.length).toBeLessThan(ids.length);
    first.kill();
    await fleet.advance(2 * 60_000);
    for (const id of ids) expect(await heldStatus(platform, id)).toBe('up');
    expect(await owed()).toContain('silent office-1');
  });
});

describe('a key that is replaced while its runner is at work', () => {
  it('costs no result: the runner goes on with the new key by itself', async () => {
    const office = await fleet.add('office-1', 'Office');
    const ids = await seedChecks(platform, { count: 3, intervalMs: 10_000 });
    await fleet.advance(60_000);
    const before = office.key.publicKey.x;
    await rotateKey(office.platform, office.key, office.identity);
    await fleet.advance(120_000);
    const { rows } = await platform.db.$client.execute('select public_key from runner');
    expect(rows[0]?.public_key).not.toBe(before);
    expect(await owed()).toEqual([]);
    for (const id of ids) {
      expect(await heldStatus(platform, id)).toBe('up');
      expect(await flipsOf(platform, id)).toBe('unknown→up');
    }
    const views = await platform.db.$client.execute('select live_seq, late_seq, health from view');
    expect(Number(views.rows[0]?.live_seq)).toBeGreaterThan(8);
    expect(JSON.parse(String(views.rows[0]?.health))).toMatchObject({
      spoolDepth: expect.any(Number),
      rejected: { count: 0 },
      lost: 0,
    });
  });
});
