// Days in few characters: what most of them were (up, all day) is only counted. The page carries this beside each bar,
// and an island reads it to say what a single day was.
import { uptimeOf } from '#core/history/figures.ts';
import type { DayBar, ShownStatus, StatusTimes } from '#core/history/series.ts';

/** What is told of one day. */
export interface Day {
  /** YYYY-MM-DD, UTC. */
  day: string;
  /** `none`: nobody watched yet. */
  status: ShownStatus | 'none';
  /** Percent of the known time, to three digits. */
  uptime: number | null;
  downMs: number;
  incidents: number;
  /** Planned work, which does not count. */
  maintenanceMs: number;
}

const DAY_MS = 86_400_000;
const LETTERS = {
  up: 'u',
  degraded: 'g',
  down: 'd',
  unknown: 'x',
  maintenance: 'm',
  none: 'n',
} as const;
const STATUSES = {
  u: 'up',
  g: 'degraded',
  d: 'down',
  x: 'unknown',
  m: 'maintenance',
  n: 'none',
} as const;
type Letter = keyof typeof STATUSES;

/** A row of days as the page's snapshot keeps it: about a hundred bytes a host. */
export interface DayRow {
  /** YYYY-MM-DD of the first. */
  from: string;
  /** `encodeDays` of them. */
  days: string;
  /** Percent of all their known time. */
  uptime: number | null;
}

/** Null where there are no days. */
export function dayRowOf(bars: readonly DayBar[]): DayRow | null {
  const days = daysOf(bars);
  const [first] = days;
  if (first === undefined || days.every(({ status }) => status === 'none')) return null;
  return { from: first.day, days: encodeDays(days), uptime: uptimeOf(sumOf(bars)) };
}

/** One entry a day from the first to the last, those that are missing as `none`. */
export function daysOf(bars: readonly DayBar[]): Day[] {
  const byDay = new Map(bars.map((bar) => [bar.day, bar]));
  const [first, last] = [bars[0]?.day, bars.at(-1)?.day];
  if (first === undefined || last === undefined) return [];
  const count = Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => {
    const day = dayAfter(first, i);
    return toDay(day, byDay.get(day));
  });
}

/** What is told of a bar. */
export function toDay(day: string, bar: DayBar | undefined): Day {
  if (bar === undefined || isUnwatched(bar)) {
    return { day, status: 'none', uptime: null, downMs: 0, incidents: 0, maintenanceMs: 0 };
  }
  const { status, uptime, downMs, incidents, maintenanceMs } = bar;
  const seconds = (ms: number) => Math.round(ms / 1000) * 1000;
  return {
    day,
    status,
    uptime,
    downMs: seconds(downMs),
    incidents,
    maintenanceMs: seconds(maintenanceMs),
  };
}

export function sumOf(times: readonly StatusTimes[]): StatusTimes {
  const sum = { upMs: 0, degradedMs: 0, downMs: 0, unknownMs: 0, maintenanceMs: 0 };
  for (const each of times) {
    for (const name of Object.keys(sum) as Array<keyof StatusTimes>) sum[name] += each[name];
  }
  return sum;
}

/** Not "nobody can tell": nobody was asked. */
export function isUnwatched(bar: DayBar): boolean {
  const { upMs, degradedMs, downMs, unknownMs, maintenanceMs } = bar;
  return upMs + degradedMs + downMs + unknownMs + maintenanceMs === 0 && bar.incidents === 0;
}

/** "60n 28 d97531,2134,2 1": 60 days unwatched, 28 up, one down for 2134 s in 2 incidents, one up. */
export function encodeDays(days: readonly Day[]): string {
  return packDayTexts(days.map(encodeDay));
}

/** Days that are told already; neighbours that say the same are only counted. */
export function packDayTexts(texts: readonly string[]): string {
  let packed = '';
  for (let at = 0; at < texts.length; ) {
    const text = texts[at] as string;
    const from = at;
    while (at < texts.length && texts[at] === text) at++;
    const times = at - from;
    packed += `${from > 0 ? ' ' : ''}${text !== '' && times === 1 ? '' : times}${text}`;
  }
  return packed;
}

/** Of a day nobody watched. */
export const UNWATCHED_DAY = 'n';

/** Nothing for a day that was up from end to end. */
export function encodeDay({ status, uptime, downMs, incidents, maintenanceMs }: Day): string {
  const whole = downMs === 0 && incidents === 0 && maintenanceMs === 0;
  if (status === 'up' && uptime === 100 && whole) return '';
  const percent = uptime === null ? '' : Math.round(uptime * 1000);
  const figures = [percent, downMs / 1000, incidents, maintenanceMs / 1000];
  return LETTERS[status] + figures.join(',').replace(/(,0)+$/, '');
}

/** The days again; what cannot be read is left out. */
export function decodeDays(first: string, text: string): Day[] {
  const days: Day[] = [];
  for (const token of text.split(' ')) {
    const [, times, letter, uptime, down, incidents, planned] =
      /^(\d*)([ugdxmn]?)(\d*)(?:,(\d+))?(?:,(\d+))?(?:,(\d+))?$/.exec(token) ?? [];
    const status = letter ? STATUSES[letter as Letter] : 'up';
    for (let i = 0; i < Number(times || 1); i++) {
      days.push({
        day: dayAfter(first, days.length),
        status,
        uptime: letter === '' ? 100 : uptime ? Number(uptime) / 1000 : null,
        downMs: Number(down ?? 0) * 1000,
        incidents: Number(incidents ?? 0),
        maintenanceMs: Number(planned ?? 0) * 1000,
      });
    }
  }
  return days;
}

/** By first day, those that follow it: a page of a thousand hosts asks for the same ninety all the time. */
const following = new Map<string, string[]>();

function dayAfter(first: string, days: number): string {
  const held = following.get(first) ?? [];
  if (held.length === 0) {
    if (following.size >= 50) following.clear();
    following.set(first, held);
  }
  held[days] ??= new Date(Date.parse(first) + days * DAY_MS).toISOString().slice(0, 10);
  return held[days];
}
