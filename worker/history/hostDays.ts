// The row of days of one host, straight from what is kept of its checks: most days of most checks were up from end to
// end and take one look each. A thousand hosts are made so every half hour, in the little CPU a tick has.
import { uptimeOf } from '#core/history/figures.ts';
import type { StatusTimes } from '#core/history/series.ts';
import { DAY_MS, dayOf, HOUR_MS } from '#db/history.ts';
import { type DayRow, encodeDay, packDayTexts, toDay, UNWATCHED_DAY } from '#web/chart/days.ts';
import { addStretches, type Packed, type Stretch, unpackStretch } from './bars.ts';
import { barOf, dayText, worse } from './readBars.ts';

/** Of one check: days that are over, and hours of those that are not. */
export interface KeptDays {
  days: Readonly<Record<string, Packed>> | null;
  hours: Readonly<Record<string, Packed>> | null;
}

/** Null where nobody ever watched. Says what `dayRowOf` says of the host's bars, today last. */
export function hostDayRow(checks: readonly KeptDays[], today: number, count = 90): DayRow | null {
  const first = today - count + 1;
  const open = checks.map(({ hours }) => openDays(hours));
  const sum = { upMs: 0, degradedMs: 0, downMs: 0, unknownMs: 0, maintenanceMs: 0 };
  const texts: string[] = [];
  let watched = false;
  for (let day = first; day <= today; day++) {
    const [all, none] = sameOf(checks, open, day);
    if (all) {
      sum.upMs += DAY_MS;
      texts.push('');
      watched = true;
      continue;
    }
    if (none) {
      texts.push(UNWATCHED_DAY);
      continue;
    }
    const kept = checks.map(({ days }, index) => days?.[day] ?? open[index]?.get(day));
    const text = dayText(day);
    const bar = kept.map((each) => barOf(day, stretchOf(each))).reduce(worse);
    for (const name in sum) sum[name as keyof StatusTimes] += bar[name as keyof StatusTimes];
    const told = encodeDay(toDay(text, bar));
    if (told !== UNWATCHED_DAY) watched = true;
    texts.push(told);
  }
  if (!watched) return null;
  return { from: dayText(first), days: packDayTexts(texts), uptime: uptimeOf(sum) };
}

/** Whether all of them were up all that day, and whether none of them was watched. */
function sameOf(
  checks: readonly KeptDays[],
  open: ReadonlyArray<ReadonlyMap<number, Stretch>>,
  day: number,
): [all: boolean, none: boolean] {
  let [all, none] = [true, true];
  for (let i = 0; i < checks.length; i++) {
    const kept = checks[i]?.days?.[day];
    if (kept !== 0) all = false;
    if (kept !== undefined || open[i]?.has(day)) none = false;
  }
  return [all, none];
}

/** By day, what its hours say so far. */
function openDays(hours: KeptDays['hours']): Map<number, Stretch> {
  const open = new Map<number, Stretch>();
  for (const key in hours) {
    const packed = hours[key] as Packed;
    const day = dayOf(Number(key) * HOUR_MS);
    const held = open.get(day);
    if (held && packed === 0) held.upMs += HOUR_MS;
    else {
      const stretch = unpackStretch(packed, HOUR_MS);
      open.set(day, held ? addStretches([held, stretch]) : stretch);
    }
  }
  return open;
}

function stretchOf(kept: Packed | Stretch | undefined): Stretch {
  if (kept === undefined) return addStretches([]);
  return typeof kept === 'number' || Array.isArray(kept) ? unpackStretch(kept, DAY_MS) : kept;
}
