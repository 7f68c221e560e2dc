// What one more check from every location would cost.
import { formatDuration } from '#core/duration.ts';
import { addedCost } from '#core/meter/cost.ts';
import { tightest } from '#core/meter/flush.ts';
import {
  DATABASE_PLANS,
  type DayAllowance,
  dayAllowance,
  WORKER_PLANS,
} from '#core/meter/plans.ts';
import { type Count, monthOf } from '#core/meter/projection.ts';
import type { Platform } from '#worker/platform.ts';
import { counterOf } from './counter.ts';
import { oneMore, type ReadLoad, readLoad } from './load.ts';
import { readPlans } from './plans.ts';

export interface OneMore extends Count {
  interval: string;
  locations: number;
  /** Of what a day may use, at most; null = no limits. */
  share: number | null;
}

export function costOfOneMore(
  load: ReadLoad,
  intervalMs: number,
  allowance: DayAllowance,
): OneMore {
  const check = oneMore(load, intervalMs);
  const cost = addedCost(load, [check]);
  return {
    interval: formatDuration(intervalMs),
    locations: check.runners.length,
    ...cost,
    share: tightest(cost, allowance)?.share ?? null,
  };
}

/** For the form that adds one: null where rows cost nothing, or nobody would probe it yet. */
export async function readOneMore(platform: Platform, intervalMs: number): Promise<OneMore | null> {
  if (counterOf(platform.db).source === 'file') return null;
  const [plans, load] = await Promise.all([readPlans(platform), readLoad(platform)]);
  const { days } = monthOf(platform.now());
  const allowance = dayAllowance(DATABASE_PLANS[plans.database], WORKER_PLANS[plans.worker], days);
  const cost = costOfOneMore(load, intervalMs, allowance);
  return cost.locations === 0 ? null : cost;
}
