// What the bars show, for a block of checks in one row: days that are over, and the hours of those that are not. Most
// are whole and up, which takes one character.
import type { StatusTimes } from '#core/history/series.ts';
import { DAY_MS, HOUR_MS } from '#db/history.ts';

/** Days a bar can show. */
export const BAR_DAYS = 92;

export interface Stretch extends StatusTimes {
  incidents: number;
}

export type Packed =
  | 0
  | 1
  | [
      up: number,
      degraded: number,
      down: number,
      unknown: number,
      maintenance: number,
      incidents: number,
    ];

/** By check id, by day (or hour). */
export type Stretches = Map<number, Map<number, Stretch>>;

export function packStretches(stretches: Stretches, wholeMs: number): string {
  const packed: Record<string, Record<string, Packed>> = {};
  for (const [checkId, byTime] of stretches) {
    const own: Record<string, Packed> = {};
    for (const [time, stretch] of byTime) own[time] = pack(stretch, wholeMs);
    packed[checkId] = own;
  }
  return JSON.stringify(packed);
}

export function parseStretches(text: string, wholeMs: number): Stretches {
  const stretches: Stretches = new Map();
  const packed = JSON.parse(text || '{}') as Record<string, Record<string, Packed>>;
  for (const [checkId, own] of Object.entries(packed)) {
    stretches.set(Number(checkId), unpackOwn(own, wholeMs));
  }
  return stretches;
}

/** Those of one check. */
export function unpackOwn(
  own: Readonly<Record<string, Packed>>,
  wholeMs: number,
): Map<number, Stretch> {
  const byTime = new Map<number, Stretch>();
  for (const [time, each] of Object.entries(own)) byTime.set(Number(time), unpack(each, wholeMs));
  return byTime;
}

function pack(stretch: Stretch, wholeMs: number): Packed {
  if (stretch.upMs === wholeMs) return 0;
  if (stretch.unknownMs === wholeMs) return 1;
  const { upMs, degradedMs, downMs, unknownMs, maintenanceMs, incidents } = stretch;
  return [upMs, degradedMs, downMs, unknownMs, maintenanceMs, incidents];
}

const NONE: Stretch = {
  upMs: 0,
  degradedMs: 0,
  downMs: 0,
  unknownMs: 0,
  maintenanceMs: 0,
  incidents: 0,
};

function unpack(packed: Packed, wholeMs: number): Stretch {
  if (packed === 0) return { ...NONE, upMs: wholeMs };
  if (packed === 1) return { ...NONE, unknownMs: wholeMs };
  const [upMs, degradedMs, downMs, unknownMs, maintenanceMs, incidents] = packed;
  return { upMs, degradedMs, downMs, unknownMs, maintenanceMs, incidents };
}

export function addStretches(parts: Iterable<Stretch>): Stretch {
  const whole = { ...NONE };
  for (const part of parts) {
    for (const key of Object.keys(NONE) as Array<keyof Stretch>) whole[key] += part[key];
  }
  return whole;
}

const HOURS_PER_DAY = DAY_MS / HOUR_MS;

/** Whether packed hours hold one of a day before `day`. */
export function anyBefore(hours: string, day: number): boolean {
  const packed = JSON.parse(hours || '{}') as Record<string, Record<string, Packed>>;
  const first = day * HOURS_PER_DAY;
  return Object.values(packed).some((own) => Object.keys(own).some((hour) => Number(hour) < first));
}

/** Hours of days before `day` become days; days that no bar shows any more go. */
export function settleDays(days: Stretches, hours: Stretches, day: number): void {
  for (const [checkId, byHour] of hours) {
    const parts = new Map<number, Stretch[]>();
    for (const [hour, stretch] of byHour) {
      const of = Math.floor(hour / HOURS_PER_DAY);
      if (of >= day) continue;
      byHour.delete(hour);
      parts.set(of, [...(parts.get(of) ?? []), stretch]);
    }
    const own = days.get(checkId) ?? new Map<number, Stretch>();
    for (const [of, stretches] of parts) own.set(of, wholeDay(addStretches(stretches)));
    for (const of of own.keys()) if (of < day - BAR_DAYS) own.delete(of);
    if (own.size > 0) days.set(checkId, own);
  }
}

/** Hours nothing is kept of are unknown. */
export function wholeDay(stretch: Stretch): Stretch {
  const { upMs, degradedMs, downMs, unknownMs, maintenanceMs } = stretch;
  const told = upMs + degradedMs + downMs + unknownMs + maintenanceMs;
  return { ...stretch, unknownMs: unknownMs + Math.max(0, DAY_MS - told) };
}
