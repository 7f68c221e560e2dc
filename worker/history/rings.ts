// How long what is kept: readings and the figures of hours in rings, those of days by their number. A new length begins
// a new ring; the old one is read until all of it is out of reach, and then removed a little at a time.
import type { ResultSet } from '@libsql/client';
import {
  chunkKey,
  chunkKeysOf,
  FIRST_RING,
  FIRST_WEEKS,
  hourOf,
  type Ring,
  WEEK_HOURS,
  weekKeysOf,
} from '#db/history.ts';
import { write } from '#db/write.ts';
import type { Platform } from '#worker/platform.ts';

/** Rows of an old ring removed at once. */
const REMOVED_AT_ONCE = 500;
/** Rings of all hosts have ids below this, those of single hosts from here on. */
const OWN_RINGS = 8;

/** A host whose readings are kept for a time of its own. */
export interface HostKeeping {
  /** Null = as long as those of the others again. */
  hours: number | null;
  rings: Ring[];
}

export interface Keeping {
  /** Of readings. */
  rings: Ring[];
  /** Of figures of hours: rings of weeks. */
  weeks: Ring[];
  /** Days kept of each check. */
  days: number;
  hosts: ReadonlyMap<number, HostKeeping>;
}

export const DAYS_KEPT = 400;

export const DEFAULT_KEEPING: Keeping = {
  rings: [FIRST_RING],
  weeks: [FIRST_WEEKS],
  days: DAYS_KEPT,
  hosts: new Map(),
};

/** To stand in a batch of reads, and what to make of its result: at most 4 rows, none while nothing was set. */
export const readKeeping = {
  sql: `select key, value from setting
        where key in ('history_rings', 'history_weeks', 'history_days', 'history_hosts')`,
  parse(result: ResultSet | undefined): Keeping {
    const values = new Map(
      (result?.rows ?? []).map(({ key, value }) => [String(key), JSON.parse(String(value))]),
    );
    const hosts = Object.entries(
      (values.get('history_hosts') ?? {}) as Record<string, HostKeeping>,
    );
    return {
      rings: (values.get('history_rings') as Ring[] | undefined) ?? DEFAULT_KEEPING.rings,
      weeks: (values.get('history_weeks') as Ring[] | undefined) ?? DEFAULT_KEEPING.weeks,
      days: (values.get('history_days') as number | undefined) ?? DEFAULT_KEEPING.days,
      hosts: new Map(hosts.map(([id, keeping]) => [Number(id), keeping])),
    };
  },
};

/** The rings the readings of a host lie in. */
export function ringsFor({ rings, hosts }: Keeping, hostId: number): Ring[] {
  return hosts.get(hostId)?.rings ?? rings;
}

/** Hosts by the rings they have, with SQL that picks their checks `x`: one group while no host has its own. */
export function ringGroups({ rings, hosts }: Keeping): Array<{ rings: Ring[]; where: string }> {
  const own = Map.groupBy(hosts, ([, keeping]) => JSON.stringify(keeping.rings));
  if (own.size === 0) return [{ rings, where: '' }];
  return [
    { rings, where: ` and x.host_id not in (${[...hosts.keys()].join(', ')})` },
    ...[...own.values()].map((group) => ({
      rings: group[0]?.[1].rings ?? rings,
      where: ` and x.host_id in (${group.map(([id]) => id).join(', ')})`,
    })),
  ];
}

/** The first hour that is still shown. */
export function oldestHour(rings: readonly Ring[], now: number): number {
  return hourOf(now) - (rings.at(-1) ?? FIRST_RING).hours + 1;
}

/** The rings with one more, for hours from the next one on; rings of weeks change with a week. */
export function nextRings(
  rings: readonly Ring[],
  hours: number,
  now: number,
  { every = 1, from = 0, ids = OWN_RINGS }: { every?: number; from?: number; ids?: number } = {},
): Ring[] {
  const last = rings.at(-1) ?? FIRST_RING;
  if (last.hours === hours) return [...rings];
  const sinceHour = (Math.floor(hourOf(now) / every) + 1) * every;
  // A ring nothing was put into yet is replaced.
  if (last.sinceHour === sinceHour) return [...rings.slice(0, -1), { ...last, hours }];
  const id = from + ((Math.max(last.id, from - 1) - from + 1) % ids);
  return [...rings, { id, hours, sinceHour }];
}

export const nextWeekRings = (rings: readonly Ring[], weeks: number, now: number): Ring[] =>
  nextRings(rings, weeks * WEEK_HOURS, now, { every: WEEK_HOURS });

/** A host's rings with one more that is its own. */
export const nextOwnRings = (rings: readonly Ring[], hours: number, now: number): Ring[] =>
  nextRings(rings, hours, now, { from: OWN_RINGS });

/** Removes some of what is out of reach; true while there is more. */
export async function removeOldRings(
  platform: Platform,
  keeping: Keeping,
  now: number,
): Promise<boolean> {
  return (
    (await removeOfHosts(platform, keeping, now)) ||
    (await removeOldest(platform, keeping, now)) ||
    (await removeWeeks(platform, keeping, now))
  );
}

/** Whether nothing of the oldest ring is shown any more. */
function isOutOfReach([oldest, next]: readonly Ring[], oldestShown: number): boolean {
  return oldest !== undefined && next !== undefined && next.sinceHour <= oldestShown;
}

async function removeOldest(
  platform: Platform,
  { rings, hosts }: Keeping,
  now: number,
): Promise<boolean> {
  const [oldest] = rings;
  if (!oldest || !isOutOfReach(rings, oldestHour(rings, now))) return false;
  // A host that keeps its readings longer may still have some in it.
  if ([...hosts.values()].some((host) => host.rings.some(({ id }) => id === oldest.id))) {
    return false;
  }
  const [from] = chunkKeysOf([{ ...oldest, sinceHour: 0 }], 0);
  const [, to] = chunkKeysOf([{ ...oldest, sinceHour: 0 }], oldest.hours - 1);
  if (await removeBetween(platform, ['chunk', 'metric'], from, to)) return true;
  await replace(platform, 'history_rings', rings, rings.slice(1));
  return true;
}

async function removeWeeks(platform: Platform, { weeks }: Keeping, now: number): Promise<boolean> {
  const [oldest] = weeks;
  if (!oldest || !isOutOfReach(weeks, oldestHour(weeks, now))) return false;
  if (await removeBetween(platform, ['hours'], ...weekKeysOf(oldest))) return true;
  await replace(platform, 'history_weeks', weeks, weeks.slice(1));
  return true;
}

async function removeBetween(
  { db }: Platform,
  tables: readonly string[],
  from: number,
  to: number,
): Promise<boolean> {
  const removed = await write(
    db,
    tables.map((table) => ({
      sql: `delete from ${table} where k in (select k from ${table} where k between ? and ? limit ?)`,
      args: [from, to, REMOVED_AT_ONCE],
    })),
  );
  return removed.some(({ rowsAffected }) => rowsAffected > 0);
}

/** Of a single host the keys lie apart: so many slots of its ring are cleared at once. */
async function removeOfHosts(
  platform: Platform,
  { hosts }: Keeping,
  now: number,
): Promise<boolean> {
  for (const [hostId, keeping] of hosts) {
    const [oldest, ...later] = keeping.rings;
    if (!oldest || !isOutOfReach(keeping.rings, oldestHour(keeping.rings, now))) continue;
    const { rows } = await platform.db.$client.execute({
      sql: 'select id from check_ where host_id = ? and deleted_at is null',
      args: [hostId],
    });
    const from = oldest.cleared ?? 0;
    const slots = Math.max(1, Math.floor(REMOVED_AT_ONCE / Math.max(1, rows.length)));
    const to = Math.min(oldest.hours, from + slots);
    const keys: number[] = [];
    for (let slot = from; slot < to; slot++) {
      for (const { id } of rows)
        keys.push(chunkKey([{ ...oldest, sinceHour: 0 }], slot, Number(id)));
    }
    const rings = to < oldest.hours ? [{ ...oldest, cleared: to }, ...later] : later;
    const after = new Map(hosts).set(hostId, { ...keeping, rings });
    const all = ['chunk', 'metric'].map((table) => ({
      sql: `delete from ${table} where k in (select value from json_each(?))`,
      args: [JSON.stringify(keys)],
    }));
    await write(platform.db, [
      ...all,
      replacing('history_hosts', Object.fromEntries(hosts), Object.fromEntries(after)),
    ]);
    return true;
  }
  return false;
}

async function replace(
  { db }: Platform,
  key: string,
  before: unknown,
  after: unknown,
): Promise<void> {
  await write(db, [replacing(key, before, after)]);
}

/** Only while nobody changed it. */
function replacing(key: string, before: unknown, after: unknown) {
  return {
    sql: 'update setting set value = ? where key = ? and value = ?',
    args: [JSON.stringify(after), key, JSON.stringify(before)],
  };
}
