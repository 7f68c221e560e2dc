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

/** As they are written down: by check id, by day (or hour). */
export type PackedStretches = Record<string, Record<string, Packed>>;

export function parsePacked(text: string): PackedStretches {
  return JSON.parse(text || '{}') as PackedStretches;
}

export function packStretches(stretches: Stretches, wholeMs: number): string {
  const packed: PackedStretches = {};
  for (const [checkId, byTime] of stretches) {
    const own: Record<string, Packed> = {};
    for (const [time, stretch] of byTime) own[time] = packStretch(stretch, wholeMs);
    packed[checkId] = own;
  }
  return JSON.stringify(packed);
}

export function parseStretches(text: string, wholeMs: number): Stretches {
  const stretches: Stretches = new Map();
  for (const [checkId, own] of Object.entries(parsePacked(text))) {
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
  for (const [time, each] of Object.entries(own))
    byTime.set(Number(time), unpackStretch(each, wholeMs));
  return byTime;
}

export function packStretch(stretch: Stretch, wholeMs: number): Packed {
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

export function unpackStretch(packed: Packed, wholeMs: number): Stretch {
  if (packed === 0) return { ...NONE, upMs: wholeMs };
  if (packed === 1) return { ...NONE, unknownMs: wholeMs };
  const [upMs, degradedMs, downMs, unknownMs, maintenanceMs, incidents] = packed;
  return { upMs, degradedMs, downMs, unknownMs, maintenanceMs, incidents };
}

const FIGURES = Object.keys(NONE) as Array<keyof Stretch>;

export function addStretches(parts: Iterable<Stretch>): Stretch {
  const whole = { ...NONE };
  for (const part of parts) for (const key of FIGURES) whole[key] += part[key];
  return whole;
}

const HOURS_PER_DAY = DAY_MS / HOUR_MS;

/** Whether hours hold one of a day before `day`. */
export function anyBefore(hours: PackedStretches, day: number): boolean {
  const first = day * HOURS_PER_DAY;
  for (const checkId in hours) {
    for (const hour in hours[checkId]) if (Number(hour) < first) return true;
  }
  return false;
}

/** Hours of days before `day` become days; days that no bar shows any more go. Both are changed in place. */
export function settleDays(days: PackedStretches, hours: PackedStretches, day: number): void {
  const first = day * HOURS_PER_DAY;
  for (const checkId in hours) {
    const parts = new Map<number, Packed[]>();
    const left: Record<string, Packed> = {};
    for (const [key, packed] of Object.entries(hours[checkId] ?? {})) {
      const hour = Number(key);
      const of = Math.floor(hour / HOURS_PER_DAY);
      if (hour >= first) left[key] = packed;
      else parts.set(of, [...(parts.get(of) ?? []), packed]);
    }
    if (parts.size > 0) hours[checkId] = left;
    const own = days[checkId] ?? {};
    for (const [of, packed] of parts) own[of] = dayOfHours(packed);
    for (const key in own) if (Number(key) < day - BAR_DAYS) delete own[key];
    if (Object.keys(own).length > 0) days[checkId] = own;
  }
}

function dayOfHours(packed: readonly Packed[]): Packed {
  if (packed.length === HOURS_PER_DAY && packed.every((each) => each === 0)) return 0;
  const stretches = packed.map((each) => unpackStretch(each, HOUR_MS));
  return packStretch(wholeDay(addStretches(stretches)), DAY_MS);
}

/** Hours nothing is kept of are unknown. */
export function wholeDay(stretch: Stretch): Stretch {
  const { upMs, degradedMs, downMs, unknownMs, maintenanceMs } = stretch;
  const told = upMs + degradedMs + downMs + unknownMs + maintenanceMs;
  return { ...stretch, unknownMs: unknownMs + Math.max(0, DAY_MS - told) };
}
