import { describe, expect, it } from 'vitest';
import { addedCost, costOf } from '#core/meter/cost.ts';
import { chooseFlush, tightest } from '#core/meter/flush.ts';
import { DATABASE_PLANS, dayAllowance, WORKER_PLANS } from '#core/meter/plans.ts';
import { DAY_MS, monthOf, NOTHING, paceOf, projected, type Span } from '#core/meter/projection.ts';

const HOUR = 3_600_000;
const MIDNIGHT = Date.UTC(2026, 10, 21);

function span(fromAt: number, untilAt: number, rowsWritten: number): Span {
  return { fromAt, untilAt, count: { ...NOTHING, rowsWritten } };
}

describe('the pace of a day', () => {
  it('is not told before ten minutes were counted', () => {
    expect(paceOf(span(MIDNIGHT, MIDNIGHT + 9 * 60_000, 100), null)).toBeNull();
    expect(paceOf(null, null)).toBeNull();
  });

  it('begins as yesterday’s and is today’s own after six hours', () => {
    const yesterday = span(MIDNIGHT - DAY_MS, MIDNIGHT, 24_000);
    const paceAfter = (hours: number) =>
      paceOf(span(MIDNIGHT, MIDNIGHT + hours * HOUR, hours * 2000), yesterday)?.rowsWritten;
    expect(paceAfter(0)).toBe(24_000);
    expect(paceAfter(3)).toBe(36_000);
    expect(paceAfter(6)).toBe(48_000);
    expect(paceAfter(12)).toBe(48_000);
  });

  it('gives the day and the month: what was counted and the rest at that pace', () => {
    const pace = { ...NOTHING, rowsWritten: 48_000 };
    expect(projected({ ...NOTHING, rowsWritten: 10_000 }, pace, 6 * HOUR).rowsWritten).toBe(22_000);
    expect(monthOf(MIDNIGHT)).toMatchObject({ days: 30 });
    expect(monthOf(Date.UTC(2028, 1, 29, 23))).toMatchObject({ days: 29 });
  });
});

describe('what checks cost', () => {
  const thousand = Array.from({ length: 1000 }, () => ({
    shard: 0,
    intervalMs: 60_000,
    runners: [1, 2, 3],
  }));

  it('stays below 75,000 rows a day for a thousand checks from three places, as the design has it', () => {
    const cost = costOf({ flushMs: 15_000, runners: [1, 2, 3], checks: thousand });
    expect(cost.rowsWritten).toBeGreaterThan(55_000);
    expect(cost.rowsWritten).toBeLessThan(75_000);
    expect(cost.requests).toBe(3 * 4 * 60 * 24);
  });

  it('falls with seldomer posts, until posts are full', () => {
    const at = (flushMs: number) => costOf({ flushMs, runners: [1, 2, 3], checks: thousand });
    expect(at(30_000).requests).toBe(at(15_000).requests / 2);
    expect(at(60_000).requests).toBe(at(30_000).requests);
  });

  it('is little for one more where many are, and most for the first', () => {
    const one = [{ shard: 0, intervalMs: 60_000, runners: [1, 2, 3] }];
    const load = { flushMs: 15_000, runners: [1, 2, 3] };
    expect(addedCost({ ...load, checks: thousand }, one).rowsWritten).toBeLessThan(30);
    expect(addedCost({ ...load, checks: [] }, one).rowsWritten).toBeGreaterThan(3000);
  });
});

describe('the flush that follows from a plan', () => {
  const allowance = dayAllowance(DATABASE_PLANS.turso_free, WORKER_PLANS.workers_free, 30);

  it('goes by what is tightest', () => {
    const day = { rowsRead: 1e6, rowsWritten: 100_000, requests: 60_000 };
    expect(tightest(day, allowance)).toEqual({ resource: 'requests', share: 0.6 });
    const own = dayAllowance(DATABASE_PLANS.own, WORKER_PLANS.own, 30);
    expect(tightest(day, own)).toBeNull();
  });

  it.each([
    ['stays below half', 15_000, { 15000: 0.49, 30000: 0.3, 60000: 0.2 }, 15_000],
    ['rises a step', 15_000, { 15000: 0.6, 30000: 0.4, 60000: 0.3 }, 30_000],
    ['rises two when one is too little', 15_000, { 15000: 1.2, 30000: 0.7, 60000: 0.4 }, 60_000],
    ['rises as far as it may', 15_000, { 15000: 9, 30000: 8, 60000: 7 }, 60_000],
    ['stays where coming back would nearly fill half', 30_000, { 15000: 0.45, 30000: 0.3 }, 30_000],
    ['comes back where there is room', 60_000, { 15000: 0.45, 30000: 0.35, 60000: 0.2 }, 30_000],
    ['comes back all the way', 60_000, { 15000: 0.1, 30000: 0.1, 60000: 0.1 }, 15_000],
  ])('%s', (_, held, shares: Record<number, number>, chosen) => {
    expect(chooseFlush(15_000, held, (ms) => shares[ms] ?? 0)).toBe(chosen);
  });

  it('never goes below what is usual', () => {
    expect(chooseFlush(300_000, 300_000, () => 9)).toBe(300_000);
  });
});
