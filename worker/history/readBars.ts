// The bars of all hosts from a handful of rows: one per 250 checks.
import { uptimeOf } from '#core/history/figures.ts';
import type { DayBar } from '#core/history/series.ts';
import { worstOf } from '#core/history/track.ts';
import { DAY_MS, dayOf, HOUR_MS } from '#db/history.ts';
import { parsePlan } from '#db/plan.ts';
import type { Platform } from '#worker/platform.ts';
import { addStretches, parseStretches, type Stretch, type Stretches } from './bars.ts';

export interface Bars {
  /** By check id, oldest day first, today last; as many days as asked for. */
  checks: Map<number, DayBar[]>;
  /** By host id: of each day the check that fared worst. */
  hosts: Map<number, DayBar[]>;
}

/** 1 row per shard and 1 per 250 checks. */
export async function readBars(platform: Platform, days = 90): Promise<Bars> {
  const [plans, rows] = await platform.db.$client.batch(
    ['select plan from shard', 'select days, hours from bar'],
    'read',
  );
  const hostOf = new Map<number, number>();
  for (const row of plans?.rows ?? []) {
    for (const { checkId, hostId } of parsePlan(String(row.plan)).byId.values()) {
      hostOf.set(checkId, hostId);
    }
  }
  const today = dayOf(platform.now());
  const bars: Bars = { checks: new Map(), hosts: new Map() };
  for (const row of rows?.rows ?? []) {
    const whole = parseStretches(String(row.days), DAY_MS);
    const hours = parseStretches(String(row.hours), HOUR_MS);
    for (const checkId of new Set([...whole.keys(), ...hours.keys()])) {
      if (hostOf.has(checkId)) bars.checks.set(checkId, barsOf(checkId, whole, hours, today, days));
    }
  }
  for (const [checkId, own] of bars.checks) {
    const hostId = hostOf.get(checkId) as number;
    const held = bars.hosts.get(hostId);
    bars.hosts.set(hostId, held ? held.map((bar, index) => worse(bar, own[index] ?? bar)) : own);
  }
  return bars;
}

function barsOf(
  checkId: number,
  whole: Stretches,
  hours: Stretches,
  today: number,
  days: number,
): DayBar[] {
  const byHour = [...(hours.get(checkId) ?? [])];
  return Array.from({ length: days }, (_, index) => {
    const day = today - days + 1 + index;
    const open = byHour.filter(([hour]) => dayOf(hour * HOUR_MS) === day).map(([, each]) => each);
    return barOf(day, whole.get(checkId)?.get(day) ?? addStretches(open));
  });
}

export function barOf(day: number, stretch: Stretch): DayBar {
  const { upMs, degradedMs, downMs, unknownMs, maintenanceMs, incidents } = stretch;
  return {
    day: dayText(day),
    status: worstOf(stretch),
    uptime: uptimeOf(stretch),
    upMs,
    degradedMs,
    downMs,
    unknownMs,
    maintenanceMs,
    incidents,
  };
}

/** Written out once: a thousand hosts show the same ninety days. */
const dayTexts = new Map<number, string>();

export function dayText(day: number): string {
  const held = dayTexts.get(day) ?? new Date(day * DAY_MS).toISOString().slice(0, 10);
  if (dayTexts.size >= 1000) dayTexts.clear();
  dayTexts.set(day, held);
  return held;
}

/** The one of two bars of a day that fared worse. */
export function worse(one: DayBar, other: DayBar): DayBar {
  if (one.uptime === null || other.uptime === null) return one.uptime === null ? other : one;
  const differs =
    other.downMs - one.downMs || other.degradedMs - one.degradedMs || one.upMs - other.upMs;
  const bar = differs > 0 ? other : one;
  return { ...bar, incidents: Math.max(one.incidents, other.incidents) };
}
