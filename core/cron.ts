// Cron expressions of five fields, as crontab(5) has them: at which minutes of a zone's wall clock something is due.

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const DAY = 86_400_000;
/** Nothing that is due at all is further away: 29 February comes again after eight years at most. */
const YEARS = 9;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const NICKNAMES: Record<string, string> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

const FIELDS = [
  { name: 'minute', from: 0, to: 59, words: [] },
  { name: 'hour', from: 0, to: 23, words: [] },
  { name: 'day of the month', from: 1, to: 31, words: [] },
  { name: 'month', from: 1, to: 12, words: MONTHS },
  { name: 'weekday', from: 0, to: 7, words: WEEKDAYS },
] as const;

export interface Cron {
  minutes: ReadonlySet<number>;
  hours: ReadonlySet<number>;
  days: ReadonlySet<number>;
  months: ReadonlySet<number>;
  /** 0 = Sunday. */
  weekdays: ReadonlySet<number>;
  /** Both days and weekdays are restricted: then either is enough. */
  either: boolean;
}

/** Reads an expression, or says in words what is wrong with it. */
export function parseCron(text: string): Cron | string {
  const written = text.trim().toLowerCase();
  const parts = (NICKNAMES[written] ?? written).split(/\s+/);
  if (parts.length !== FIELDS.length) {
    return `has ${parts.length} ${parts.length === 1 ? 'field' : 'fields'}; it must have five, like "30 2 * * 1-5"`;
  }
  const sets: Array<Set<number>> = [];
  for (const [index, field] of FIELDS.entries()) {
    const set = parseField(parts[index] as string, field);
    if (set === null) {
      return `has "${parts[index]}" as its ${field.name}; that must be ${field.from}-${field.to}, "*", a list or a range`;
    }
    sets.push(set);
  }
  const [minutes, hours, days, months, weekdays] = sets as [
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
  ];
  if (weekdays.has(7)) weekdays.add(0);
  const restricted = (part: string | undefined) => !part?.startsWith('*');
  const cron = {
    minutes,
    hours,
    days,
    months,
    weekdays,
    either: restricted(parts[2]) && restricted(parts[4]),
  };
  return nextWall(cron, 0) === null ? 'names a day that never comes' : cron;
}

type Field = (typeof FIELDS)[number];

function parseField(text: string, field: Field): Set<number> | null {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\*|[a-z]+|\d+)(?:-([a-z]+|\d+))?(?:\/(\d+))?$/.exec(part);
    if (!match) return null;
    const [, first = '', last, every] = match;
    const step = Number(every ?? 1);
    const from = first === '*' ? field.from : numberOf(first, field);
    // "5/10" begins at 5 and goes on to the end.
    const open = first === '*' || every !== undefined ? field.to : from;
    const to = last === undefined ? open : numberOf(last, field);
    if (from === null || to === null || from > to || step < 1) return null;
    if (first === '*' && last !== undefined) return null;
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return values;
}

function numberOf(text: string, { from, to, words }: Field): number | null {
  const word = (words as readonly string[]).indexOf(text);
  const value = word >= 0 ? word + from : /^\d+$/.test(text) ? Number(text) : -1;
  return value >= from && value <= to ? value : null;
}

export function isZone(zone: string): boolean {
  try {
    clockOf(zone);
    return true;
  } catch {
    return false;
  }
}

/**
 * The first moment after `afterAt` that the expression names in the zone. A time that a clock change skips counts as
 * much later as the clock was put forward; one that comes twice counts the first time, unless every hour is named: then
 * no change of a clock makes a gap.
 */
export function nextCron(cron: Cron, zone: string, afterAt: number): number {
  const soon = cron.hours.size === 24 ? nextByInstants(cron, zone, afterAt) : null;
  if (soon !== null) return soon;
  let wall = wallAt(afterAt, zone);
  for (;;) {
    const next = nextWall(cron, wall);
    if (next === null) throw new RangeError('cron: never due');
    const at = instantOf(next, zone, afterAt);
    if (at !== null) return at;
    wall = next;
  }
}

/** The first minute within the next hour and a half that the clock shows as named; null = it shows none. */
function nextByInstants(cron: Cron, zone: string, afterAt: number): number | null {
  const first = Math.floor(afterAt / MINUTE) * MINUTE + MINUTE;
  let offset = 0;
  for (let at = first; at < first + 90 * MINUTE; at += MINUTE) {
    // Clocks are changed at full quarters of an hour only.
    if (at === first || at % QUARTER === 0) offset = offsetAt(at, zone);
    const time = new Date(at + offset);
    const named = cron.months.has(time.getUTCMonth() + 1) && isDay(cron, time);
    if (named && cron.minutes.has(time.getUTCMinutes())) return at;
  }
  return null;
}

/** The first minute after `wall` (wall clock as if it were UTC, epoch ms); null = there is none. */
function nextWall(cron: Cron, wall: number): number | null {
  let at = Math.floor(wall / MINUTE) * MINUTE + MINUTE;
  const last = new Date(at).getUTCFullYear() + YEARS;
  for (;;) {
    const time = new Date(at);
    const year = time.getUTCFullYear();
    const month = time.getUTCMonth();
    const day = time.getUTCDate();
    if (year > last) return null;
    if (!cron.months.has(month + 1)) at = Date.UTC(year, month + 1);
    else if (!isDay(cron, time)) at = Date.UTC(year, month, day + 1);
    else if (!cron.hours.has(time.getUTCHours())) {
      at = Date.UTC(year, month, day, time.getUTCHours() + 1);
    } else if (!cron.minutes.has(time.getUTCMinutes())) at += MINUTE;
    else return at;
  }
}

/** Days and weekdays alone. */
export function isDay({ days, weekdays, either }: Cron, time: Date): boolean {
  const [day, weekday] = [days.has(time.getUTCDate()), weekdays.has(time.getUTCDay())];
  return either ? day || weekday : day && weekday;
}

/** The first moment after `afterAt` at which the clock shows `wall`; null = none is. */
function instantOf(wall: number, zone: string, afterAt: number): number | null {
  const before = wall - offsetAt(wall - DAY, zone);
  const after = wall - offsetAt(wall + DAY, zone);
  const shown = [before, after].filter((at) => wallAt(at, zone) === wall).sort((a, b) => a - b);
  // Nothing shows a time that was skipped: by the clock that was not put forward yet.
  const candidates = shown.length > 0 ? shown : [before];
  return candidates.find((at) => at > afterAt) ?? null;
}

function offsetAt(at: number, zone: string): number {
  return wallAt(at, zone) - Math.floor(at / 1000) * 1000;
}

/** What a clock in the zone shows, to the second, as if it were UTC. */
function wallAt(at: number, zone: string): number {
  const shown: Record<string, number> = {};
  for (const { type, value } of clockOf(zone).formatToParts(at)) shown[type] = Number(value);
  const { year = 0, month = 1, day, hour, minute, second } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(zone, clock);
  return clock;
}
