// The bars of all hosts from a handful of rows: one per 250 checks.
import { uptimeOf } from '#core/history/figures.ts';
import type { DayBar } from '#core/history/series.ts';
import { worstOf } from '#core/history/track.ts';
import { DAY_MS, dayOf, HOUR_MS } from '#db/history.ts';
import { parsePlan } from '#db/plan.ts';
import type { Platform } from '#worker/platform.ts';
import {
  addStretches,
  type Packed,
  parseStretches,
  type Stretch,
  type Stretches,
  unpackOwn,
} from './bars.ts';

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

type Own = Readonly<Record<string, Packed>>;

/**
 * What `make` makes of the bars of each host. Most hosts have one check that was up all the time: it is made once for
 * all that began on the same day, since a thousand of them would cost twenty times the CPU that a tick has.
 */
export async function readHostBars<T>(
  platform: Platform,
  make: (bars: DayBar[]) => T,
  days = 90,
): Promise<Map<number, T>> {
  const [plans, rows] = await platform.db.$client.batch(
    ['select plan from shard', 'select days, hours from bar'],
    'read',
  );
  const hostOf = new Map<number, number>();
  const checksOf = new Map<number, number>();
  for (const row of plans?.rows ?? []) {
    for (const { checkId, hostId } of parsePlan(String(row.plan)).byId.values()) {
      hostOf.set(checkId, hostId);
      checksOf.set(hostId, (checksOf.get(hostId) ?? 0) + 1);
    }
  }
  const today = dayOf(platform.now());
  const made = new Map<number, T>();
  const plain = new Map<string, T>();
  const others = new Map<number, DayBar[]>();
  for (const row of rows?.rows ?? []) {
    const whole = JSON.parse(String(row.days) || '{}') as Record<string, Own>;
    const hours = JSON.parse(String(row.hours) || '{}') as Record<string, Own>;
    for (const key of Object.keys({ ...whole, ...hours })) {
      const [checkId, hostId] = [Number(key), hostOf.get(Number(key))];
      if (hostId === undefined) continue;
      const own = { whole: whole[key] ?? {}, hours: hours[key] ?? {} };
      const bars = () =>
        barsOf(
          checkId,
          new Map([[checkId, unpackOwn(own.whole, DAY_MS)]]),
          new Map([[checkId, unpackOwn(own.hours, HOUR_MS)]]),
          today,
          days,
        );
      const [span, open] = [upSpan(own.whole), upSpan(own.hours)];
      if (span !== null && open !== null && checksOf.get(hostId) === 1) {
        const known = plain.get(`${span} ${open}`) ?? make(bars());
        plain.set(`${span} ${open}`, known);
        made.set(hostId, known);
        continue;
      }
      const held = others.get(hostId);
      const fresh = bars();
      others.set(hostId, held ? held.map((bar, at) => worse(bar, fresh[at] ?? bar)) : fresh);
    }
  }
  for (const [hostId, bars] of others) made.set(hostId, make(bars));
  return made;
}

/** "first-last" of stretches without a gap that were up all the time; null = it is not so. */
function upSpan(own: Own): string | null {
  let [first, last, count] = [Number.POSITIVE_INFINITY, -1, 0];
  for (const key in own) {
    if (own[key] !== 0) return null;
    const time = Number(key);
    if (time < first) first = time;
    if (time > last) last = time;
    count++;
  }
  return count === 0 || count === last - first + 1 ? `${first}-${last}` : null;
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

function barOf(day: number, stretch: Stretch): DayBar {
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

function dayText(day: number): string {
  const held = dayTexts.get(day) ?? new Date(day * DAY_MS).toISOString().slice(0, 10);
  if (dayTexts.size >= 1000) dayTexts.clear();
  dayTexts.set(day, held);
  return held;
}

function worse(one: DayBar, other: DayBar): DayBar {
  if (one.uptime === null || other.uptime === null) return one.uptime === null ? other : one;
  const differs =
    other.downMs - one.downMs || other.degradedMs - one.degradedMs || one.upMs - other.upMs;
  const bar = differs > 0 ? other : one;
  return { ...bar, incidents: Math.max(one.incidents, other.incidents) };
}
