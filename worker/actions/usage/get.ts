// What is used, what it comes to, and what one more check would cost.
import { formatDuration } from '#core/duration.ts';
import {
  DATABASE_PLANS,
  type DayAllowance,
  dayAllowance,
  WORKER_PLANS,
} from '#core/meter/plans.ts';
import {
  type Count,
  combine,
  DAY_MS,
  dayOf,
  monthOf,
  NOTHING,
  paceOf,
  projected,
} from '#core/meter/projection.ts';
import { readLookRoom } from '#worker/here/room.ts';
import { counterOf } from '#worker/meter/counter.ts';
import { type AutoFlush, readAutoFlush } from '#worker/meter/flush.ts';
import { readLoad } from '#worker/meter/load.ts';
import { costOfOneMore } from '#worker/meter/oneMore.ts';
import { type PlanNames, readPlans } from '#worker/meter/plans.ts';
import { readStorage } from '#worker/meter/storage.ts';
import { readUsage, spanOf, type UsageDay, withPending } from '#worker/meter/usage.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { nothing } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { UsageModel } from './model.ts';

const INTERVALS_MS = [60_000, 20_000, 300_000];

export async function getUsage(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<UsageModel> {
  permit(actor, 'viewer');
  parseInput(nothing, input);
  const now = platform.now();
  const month = monthOf(now);
  const [plans, days, load, flush, fromWorker] = await Promise.all([
    readPlans(platform),
    readUsage(platform, Math.min(month.firstDay, dayOf(now) - 1)),
    readLoad(platform),
    readAutoFlush(platform),
    readLookRoom(platform),
  ]);
  const database = DATABASE_PLANS[plans.database];
  const worker = WORKER_PLANS[plans.worker];
  const allowance = dayAllowance(database, worker, month.days);
  return {
    asOf: now,
    billed: counterOf(platform.db).source !== 'file',
    plans: planWords(plans),
    ...periods(withPending(platform, days), now, plans, allowance),
    storage: { ...(await readStorage(platform, load)), limit: database.storageBytes },
    flush: flushWords(load.flushMs, flush),
    fromWorker,
    oneMoreCheck: INTERVALS_MS.map((intervalMs) => costOfOneMore(load, intervalMs, allowance)),
  };
}

function periods(
  days: readonly UsageDay[],
  now: number,
  plans: PlanNames,
  allowance: DayAllowance,
): Pick<UsageModel, 'today' | 'month'> {
  const day = dayOf(now);
  const month = monthOf(now);
  const pace = paceOf(spanOf(days, day, now), spanOf(days, day - 1, now));
  const rest = (endDay: number) => endDay * DAY_MS - now;
  const today = sum(days.filter((each) => each.day === day));
  const inMonth = sum(days.filter((each) => each.day >= month.firstDay));
  const { rowsRead, rowsWritten } = DATABASE_PLANS[plans.database];
  const { requests } = WORKER_PLANS[plans.worker];
  return {
    today: {
      counted: today,
      projected: pace && projected(today, pace, rest(day + 1)),
      limits: {
        rowsRead: whole(allowance.rowsRead),
        rowsWritten: whole(allowance.rowsWritten),
        requests: whole(allowance.requests),
      },
    },
    month: {
      counted: inMonth,
      projected: pace && projected(inMonth, pace, rest(month.endDay)),
      limits: {
        rowsRead,
        rowsWritten,
        requests: requests?.per === 'month' ? requests.limit : null,
      },
    },
  };
}

function sum(days: readonly UsageDay[]): Count {
  return days.reduce<Count>((total, each) => combine(total, each, (a, b) => a + b), NOTHING);
}

function whole(limit: number | null): number | null {
  return limit === null ? null : Math.floor(limit);
}

function planWords({ database, worker }: PlanNames): UsageModel['plans'] {
  const words = ({
    title,
    beyond,
    asOf,
  }: Pick<UsageModel['plans']['worker'], 'title' | 'beyond' | 'asOf'>) => ({
    title,
    beyond,
    asOf,
  });
  return {
    database: { name: database, ...words(DATABASE_PLANS[database]) },
    worker: { name: worker, ...words(WORKER_PLANS[worker]) },
  };
}

function flushWords(
  flushMs: number,
  { auto, set }: { auto: AutoFlush | null; set: boolean },
): UsageModel['flush'] {
  const every = formatDuration(flushMs);
  if (set) return { every, by: 'person', why: 'set in the settings' };
  if (auto === null || auto.flushMs === null) {
    return { every, by: 'platform', why: 'the usual pace here; nothing asks for another' };
  }
  const what = { rowsWritten: 'rows written', rowsRead: 'rows read', requests: 'requests' };
  const share = Math.round(auto.share * 100);
  const why = `oftener, ${what[auto.resource]} would take ${share} % of the plan; it comes back by itself`;
  return { every, by: 'plan', why };
}
