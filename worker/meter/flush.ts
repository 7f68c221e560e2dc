// The flush that nobody set: seldomer when a day at the present pace would take more than half of a plan.
import type { InStatement } from '@libsql/client';
import { formatDuration } from '#core/duration.ts';
import { costOf } from '#core/meter/cost.ts';
import { chooseFlush, type Resource, tightest } from '#core/meter/flush.ts';
import { DATABASE_PLANS, dayAllowance, WORKER_PLANS } from '#core/meter/plans.ts';
import {
  type Count,
  combine,
  DAY_MS,
  dayOf,
  monthOf,
  NOTHING,
  paceOf,
  type Span,
} from '#core/meter/projection.ts';
import { bumpConfig, fleetStatement } from '#db/plan.ts';
import { write } from '#db/write.ts';
import type { Platform } from '#worker/platform.ts';
import { counterOf } from './counter.ts';
import { readLoad } from './load.ts';
import { type PlanNames, readPlans } from './plans.ts';
import { readUsage, spanOf, type UsageDay } from './usage.ts';

/** Kept in the setting `auto_flush`. */
export interface AutoFlush {
  /** Null = the usual one of the platform. */
  flushMs: number | null;
  at: number;
  /** What took too much of a plan, and how much of it. */
  resource: Resource;
  share: number;
  /** What the day had cost until then: the pace since is measured from here. */
  count: Count;
}

/** Is the flush in force the one that follows from the plan? */
export async function readAutoFlush(
  platform: Platform,
): Promise<{ auto: AutoFlush | null; text: string | null; set: boolean }> {
  const { rows } = await platform.db.$client.execute(
    `select key, value from setting where key in ('auto_flush', 'flush_ms')`,
  );
  const text = rows.find(({ key }) => key === 'auto_flush')?.value ?? null;
  return {
    text: text === null ? null : String(text),
    auto: text === null ? null : (JSON.parse(String(text)) as AutoFlush),
    set: rows.some(({ key }) => key === 'flush_ms'),
  };
}

/** After this much counting at one flush, another may be chosen. */
const SETTLED_MS = 3_600_000;

/** Looks at the pace of the day, and tells the runners to post less or more often when it asks for that. */
export async function adaptFlush(platform: Platform): Promise<void> {
  if (counterOf(platform.db).source === 'file') return;
  const plans = await readPlans(platform);
  const { auto, text, set } = await readAutoFlush(platform);
  const now = platform.now();
  const allowance = dayAllowance(
    DATABASE_PLANS[plans.database],
    WORKER_PLANS[plans.worker],
    monthOf(now).days,
  );
  if (set || tightest(NOTHING, allowance) === null) return;
  const days = await readUsage(platform, dayOf(now) - 1);
  const [today, yesterday] = spansSince(days, auto, now);
  if (length(today) + length(yesterday) < SETTLED_MS) return;
  const pace = paceOf(today, yesterday);
  if (pace === null) return;

  const load = await readLoad(platform);
  const held = load.flushMs;
  const costNow = costOf(load);
  const tightestAt = (flushMs: number) => {
    const change = combine(costOf({ ...load, flushMs }), costNow, (a, b) => a - b);
    const day = combine(pace, change, (a, b) => Math.max(0, a + b));
    return tightest(day, allowance) ?? { resource: 'rowsWritten' as const, share: 0 };
  };
  const next = chooseFlush(platform.config.flushMs, held, (ms) => tightestAt(ms).share);
  if (next === held) return;
  const count = days.find(({ day }) => day === dayOf(now)) ?? NOTHING;
  const { resource, share } = tightestAt(held);
  const flushMs = next === platform.config.flushMs ? null : next;
  const chosen: AutoFlush = { flushMs, at: now, resource, share, count: only(count) };
  await change(platform, text, chosen, wordsOf(next, chosen, plans));
}

async function change(
  platform: Platform,
  before: string | null,
  chosen: AutoFlush,
  words: string,
): Promise<void> {
  const [written] = await write(platform.db, [
    keepStatement(before, JSON.stringify(chosen)),
    {
      sql: `insert into event (at, kind, text, body) select ?, 'meter.flush', ?, ? where changes() > 0`,
      args: [chosen.at, words, JSON.stringify(chosen)],
    },
    ...bumpConfig(),
    fleetStatement,
  ]);
  if (written?.rowsAffected === 1) platform.log('info', words, { ...chosen });
}

/** Takes effect only if nobody was quicker. */
function keepStatement(before: string | null, after: string): InStatement {
  return before === null
    ? {
        sql: `insert into setting (key, value) values ('auto_flush', ?) on conflict (key) do nothing`,
        args: [after],
      }
    : {
        sql: `update setting set value = ? where key = 'auto_flush' and value = ?`,
        args: [after, before],
      };
}

const RESOURCE_WORDS: Record<Resource, string> = {
  rowsWritten: 'rows written',
  rowsRead: 'rows read',
  requests: 'requests',
};

/** "runners post every 30s: at 15s, rows written would take 62 % of Turso Free" */
function wordsOf(flushMs: number, { resource, share }: AutoFlush, plans: PlanNames): string {
  const plan =
    resource === 'requests'
      ? WORKER_PLANS[plans.worker].title
      : DATABASE_PLANS[plans.database].title;
  const what = RESOURCE_WORDS[resource];
  return `runners now post every ${formatDuration(flushMs)}: at the pace until now, ${what} would take ${Math.round(share * 100)} % of ${plan}`;
}

/** Today and yesterday, as far as the flush was the one of now. */
function spansSince(
  days: readonly UsageDay[],
  auto: AutoFlush | null,
  now: number,
): [today: Span | null, yesterday: Span | null] {
  const day = dayOf(now);
  return [since(spanOf(days, day, now), auto), since(spanOf(days, day - 1, now), auto)];
}

function since(span: Span | null, auto: AutoFlush | null): Span | null {
  if (span === null || auto === null || auto.at <= span.fromAt) return span;
  if (auto.at >= span.untilAt) return null;
  const count = combine(span.count, auto.count, (all, before) => Math.max(0, all - before));
  return { ...span, fromAt: auto.at, count };
}

function length(span: Span | null): number {
  return span === null ? 0 : Math.min(DAY_MS, span.untilAt - span.fromAt);
}

function only({ rowsRead, rowsWritten, requests }: Count): Count {
  return { rowsRead, rowsWritten, requests };
}
