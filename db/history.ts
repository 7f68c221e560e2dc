// Keys of what is folded. All rings: a row is overwritten by the one that comes a turn later and says whose it is.

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** Hours per week row. */
export const WEEK_HOURS = 168;
const CHECKS = 2 ** 20;
const SLOTS = 2 ** 13;
const WEEKS = 64;
/** Checks of a ring of weeks. */
const WEEK_SPACE = 2 ** 30;

/** Hours (or weeks, told in hours) are kept in a ring of so many; a change of retention begins a new one. */
export interface Ring {
  /** 0 … 15 */
  id: number;
  hours: number;
  /** The first hour that lies in it. */
  sinceHour: number;
  /** Slots of it whose rows are removed already, once it is out of reach. */
  cleared?: number;
}

export const FIRST_RING: Ring = { id: 0, hours: 720, sinceHour: 0 };
/** 140 days, and the week that has begun. */
export const FIRST_WEEKS: Ring = { id: 0, hours: 21 * WEEK_HOURS, sinceHour: 0 };

/** The ring an hour lies in; `rings` by `sinceHour`, ascending. */
export function ringOf(rings: readonly Ring[], hour: number): Ring {
  return rings.findLast(({ sinceHour }) => sinceHour <= hour) ?? rings[0] ?? FIRST_RING;
}

/** The key of a chunk (and of the metrics beside it). */
export function chunkKey(rings: readonly Ring[], hour: number, checkId: number): number {
  const { id, hours } = ringOf(rings, hour);
  return (id * SLOTS + (hour % hours)) * CHECKS + checkId;
}

/** All chunks of one hour lie between these, both inclusive. */
export function chunkKeysOf(rings: readonly Ring[], hour: number): [from: number, to: number] {
  const from = chunkKey(rings, hour, 0);
  return [from, from + CHECKS - 1];
}

export function hourOf(at: number): number {
  return Math.floor(at / HOUR_MS);
}

export function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

/** Weeks are counted from the first day of 1970; they only lay hours together. */
export function weekOf(hour: number): number {
  return Math.floor(hour / WEEK_HOURS);
}

/** The key of the figures of a week; `rings` are those of weeks. */
export function weekKey(rings: readonly Ring[], checkId: number, week: number): number {
  const { id, hours } = ringOf(rings, week * WEEK_HOURS);
  return id * WEEK_SPACE + checkId * WEEKS + (week % (hours / WEEK_HOURS));
}

export function checkOfWeekKey(k: number): number {
  return Math.floor((k % WEEK_SPACE) / WEEKS);
}

/** All weeks of a ring lie between these, both inclusive. */
export function weekKeysOf({ id }: Ring): [from: number, to: number] {
  return [id * WEEK_SPACE, (id + 1) * WEEK_SPACE - 1];
}

export function barKey(shard: number, block: number): number {
  return shard * 4 + block;
}
