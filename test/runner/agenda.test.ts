import { describe, expect, it } from 'vitest';
import { nextSlotAt } from '#core/schedule.ts';
import type { AssignedCheck } from '#core/wire/assignments.ts';
import { Agenda, type Due } from '#runner/agenda.ts';
import { Clock } from '#runner/clock.ts';
import { assigned } from '#test/support/fakeWorker.ts';
import { VirtualWorld } from '#test/support/virtualRunner.ts';

interface Wake {
  at: number;
  due: Due[];
}

function scene(checks: AssignedCheck[]) {
  const world = new VirtualWorld();
  const wakes: Wake[] = [];
  const clock = new Clock(world.platform());
  const { setTimer } = world.platform();
  const agenda = new Agenda({ clock, setTimer, wake: (due, at) => wakes.push({ at, due }) });
  agenda.start();
  agenda.assign(checks);
  return { world, clock, agenda, wakes };
}

function checksOf(count: number, overrides: Partial<AssignedCheck> = {}): AssignedCheck[] {
  return Array.from({ length: count }, (_, i) => assigned(i + 1, { position: i, ...overrides }));
}

function timesOf(wakes: Wake[], id: number, { extra = false } = {}): number[] {
  return wakes
    .filter(({ due }) => due.some((one) => one.check.id === id && one.extra === extra))
    .map(({ at }) => at);
}

describe('the agenda', () => {
  it('probes each check once an interval at the same place on the grid, for a day, without drift', () => {
    const [check] = checksOf(1) as [AssignedCheck];
    const { world, wakes } = scene([check]);
    world.advanceAtOnce(86_400_000);
    const times = timesOf(wakes, 1);
    expect(times).toHaveLength(1440);
    for (const at of times) expect(nextSlotAt(check, 60_000, at - 1)).toBe(at);
  });

  it('probes a check with a timetable when its zone says so, and at once when it is new or failed', () => {
    const [check] = checksOf(1, {
      schedule: { cron: '0,30 9 * * *', zone: 'Asia/Tokyo' },
      intervalMs: 25 * 3_600_000,
    }) as [AssignedCheck];
    const { world, wakes, agenda } = scene([check]);
    world.advanceAtOnce(2 * 86_400_000);
    expect(timesOf(wakes, 1, { extra: true })).toHaveLength(1);
    const minutes = timesOf(wakes, 1).map((at) => new Date(at).toISOString().slice(11, 19));
    expect(minutes).toEqual(['00:00:00', '00:30:00', '00:00:00', '00:30:00']);
    wakes.length = 0;
    agenda.probeAfter(1, 2000);
    world.advanceAtOnce(10_000);
    expect(timesOf(wakes, 1, { extra: true })).toHaveLength(1);
    agenda.assign([{ ...check, schedule: { cron: '* * * * *', zone: 'UTC' } }]);
    wakes.length = 0;
    world.advanceAtOnce(600_000);
    expect(timesOf(wakes, 1)).toHaveLength(10);
  });

  it.each([
    { shard: 0, wakeUps: 36, most: 42 },
    { shard: 1, wakeUps: 60, most: 20 },
  ])('spreads 1,000 checks of shard $shard over $wakeUps wake-ups a minute', (given) => {
    const { world, wakes } = scene(checksOf(1000, { shard: given.shard }));
    world.advanceAtOnce(70_000);
    wakes.length = 0;
    world.advanceAtOnce(60_000);
    expect(wakes).toHaveLength(given.wakeUps);
    const sizes = wakes.map(({ due }) => due.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(given.most);
  });

  it('keeps 10,000 checks of mixed intervals on their grids, a few dozen in a wake-up', () => {
    const intervals = [20_000, 60_000, 300_000];
    const checks = checksOf(10_000).map((check, i) => ({
      ...check,
      position: i,
      intervalMs: intervals[i % 3] as number,
    }));
    const { world, wakes, agenda } = scene(checks);
    world.advanceAtOnce(300_000);
    wakes.length = 0;
    world.advanceAtOnce(300_000);
    const total = wakes.reduce((sum, { due }) => sum + due.length, 0);
    expect(total).toBe(checks.reduce((sum, { intervalMs }) => sum + 300_000 / intervalMs, 0));
    expect(Math.max(...wakes.map(({ due }) => due.length))).toBeLessThanOrEqual(48);
    expect(wakes.length).toBeLessThan(300 * 6);
    expect(agenda.skipped).toBe(0);
    expect(agenda.lateness.percentile(0.99)).toBeLessThanOrEqual(1);
  });

  it('parts a full slot, one part shortly after the other, each check always in the same', () => {
    // All in one slot, as those with a timetable are.
    const schedule = { cron: '* * * * *', zone: 'UTC' };
    const { world, wakes, agenda } = scene(checksOf(480, { schedule }));
    world.advanceAtOnce(90_000);
    wakes.length = 0;
    world.advanceAtOnce(300_000);
    const places = wakes.map(({ at }) => at % 60_000);
    expect(wakes).toHaveLength(5 * 10);
    expect(new Set(places)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => n * 16)));
    for (const { due } of wakes) expect(due).toHaveLength(48);
    for (const id of [1, 100, 480]) {
      const times = timesOf(wakes, id);
      expect(times).toHaveLength(5);
      expect(new Set(times.map((at) => at % 60_000)).size).toBe(1);
    }
    expect(agenda.skipped).toBe(0);
  });

  it.each([
    { config: { kind: 'script', target: 'script:check' }, sizes: [1, 2] },
    { config: { kind: 'http', target: 'https://example.org' }, sizes: [6, 7] },
    { config: { kind: 'tcp', target: 'example.org:25', tls: 'smtp' }, sizes: [6, 7] },
    { config: { kind: 'tls', target: 'example.org:443' }, sizes: [6, 7] },
    { config: { kind: 'icmp', target: 'example.org' }, sizes: [64] },
    { config: { kind: 'http', target: 'http://example.org' }, sizes: [32] },
    { config: { kind: 'tcp', target: 'example.org:25' }, sizes: [32] },
  ])('begins fewer at once of what takes longer: $config.kind $config.target', (given) => {
    const schedule = { cron: '* * * * *', zone: 'UTC' };
    const { world, wakes } = scene(checksOf(64, { schedule, config: given.config }));
    world.advanceAtOnce(90_000);
    wakes.length = 0;
    world.advanceAtOnce(60_000);
    const sizes = wakes.map(({ due }) => due.length);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(64);
    expect(new Set(sizes)).toEqual(new Set(given.sizes));
  });

  it('spreads no further than until the next slot', () => {
    const { world, wakes, agenda } = scene(checksOf(2000, { intervalMs: 1000 }));
    world.advanceAtOnce(10_000);
    wakes.length = 0;
    world.advanceAtOnce(10_000);
    for (const id of [1, 1000, 2000]) expect(timesOf(wakes, id)).toHaveLength(10);
    expect(Math.max(...wakes.map(({ due }) => due.length))).toBeLessThanOrEqual(48);
    expect(agenda.skipped).toBe(0);
  });

  it('leaves out of a spread slot what was taken away meanwhile', () => {
    const schedule = { cron: '* * * * *', zone: 'UTC' };
    const checks = checksOf(640, { schedule });
    const { world, wakes, agenda } = scene(checks);
    world.advanceAtOnce(90_000);
    world.advanceAtOnce(60_000 - (world.wall() % 60_000) + 10);
    wakes.length = 0;
    agenda.assign(checks.slice(0, 1));
    world.advanceAtOnce(2000);
    expect(wakes).toEqual([]);
  });

  it('probes a new check within seconds although its slot is minutes away', () => {
    const { world, wakes } = scene(checksOf(100, { intervalMs: 3_600_000 }));
    world.advanceAtOnce(3000);
    expect(new Set(wakes.flatMap(({ due }) => due.map(({ check }) => check.id))).size).toBe(100);
    expect(Math.max(...wakes.map(({ due }) => due.length))).toBeLessThanOrEqual(8);
  });

  it('skips the slots it slept through instead of piling them up', () => {
    const { world, wakes, agenda } = scene(checksOf(100));
    world.advanceAtOnce(120_000);
    wakes.length = 0;
    world.suspend(600_000);
    world.advanceAtOnce(60_000);
    const counts = checksOf(100).map(({ id }) => timesOf(wakes, id).length);
    expect(Math.max(...counts)).toBe(1);
    // As many as one of its slots holds.
    expect(Math.max(...wakes.map(({ due }) => due.length))).toBeLessThanOrEqual(10);
    expect(agenda.skipped).toBe(0);
  });

  it('leaves out a slot it is more than two seconds late for, and says how many', () => {
    const { world, wakes, agenda } = scene(checksOf(1));
    world.advanceAtOnce(60_000);
    const before = timesOf(wakes, 1).length;
    // The event loop was blocked: the timer goes off late.
    world.nowMs += 150_000;
    world.advanceAtOnce(0);
    expect(timesOf(wakes, 1).length - before).toBeLessThanOrEqual(1);
    world.advanceAtOnce(60_000);
    expect(timesOf(wakes, 1).length - before).toBe(1);
    expect(agenda.skipped).toBeGreaterThanOrEqual(2);
  });

  it('looks again after retryAfter, and lets the slot do it when that comes first', () => {
    const { world, agenda, wakes } = scene([assigned(1, { position: 0, intervalMs: 60_000 })]);
    world.advanceAtOnce(60_000);
    wakes.length = 0;
    const toGrid = 60_000 - (world.wall() % 60_000);
    world.advanceAtOnce(toGrid + 10_000);
    wakes.length = 0;
    const asked = world.wall();
    agenda.probeAfter(1, 2000);
    world.advanceAtOnce(2100);
    const [again] = timesOf(wakes, 1, { extra: true });
    expect(again).toBeGreaterThanOrEqual(asked + 2000);
    expect(again).toBeLessThan(asked + 2060);
    agenda.probeAfter(1, 3_600_000);
    world.advanceAtOnce(120_000);
    expect(timesOf(wakes, 1, { extra: true })).toHaveLength(1);
    expect(timesOf(wakes, 1)).toHaveLength(2);
  });

  it('keeps the grid when other settings change, moves it with the interval, and stops what was removed', () => {
    const check = assigned(1, { position: 3 });
    const { world, agenda, wakes } = scene([check, assigned(2)]);
    world.advanceAtOnce(61_000);
    agenda.assign([{ ...check, timeoutMs: 1 }]);
    wakes.length = 0;
    world.advanceAtOnce(120_000);
    expect(timesOf(wakes, 1)).toHaveLength(2);
    for (const at of timesOf(wakes, 1))
      expect(nextSlotAt({ shard: 0, position: 3 }, 60_000, at - 1)).toBe(at);
    expect(timesOf(wakes, 2)).toEqual([]);
    agenda.assign([{ ...check, intervalMs: 5000 }]);
    wakes.length = 0;
    world.advanceAtOnce(60_000);
    expect(timesOf(wakes, 1)).toHaveLength(12);
  });

  it('goes on at once when the clock is set back an hour', () => {
    const { world, wakes } = scene(checksOf(10));
    world.advanceAtOnce(60_000);
    world.suspend(-3_600_000);
    world.advanceAtOnce(6000);
    wakes.length = 0;
    world.advanceAtOnce(60_000);
    for (const { id } of checksOf(10)) expect(timesOf(wakes, id)).toHaveLength(1);
  });
});
