// Keys of what is folded. All rings: a row is overwritten by the one that comes a turn later and says whose it is.

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
/** Hours per week row. */
export const WEEK_HOURS = 168;
const CHECKS = 2 ** 20;
const SLOTS = 2 ** 13;
const WEEKS = 64;
/** Weeks kept of each check: 140 days, and the one that has begun. */
export const WEEK_RING = 21;

/** Hours are kept in a ring of so many; a change of retention begins a new one. */
export interface Ring {
  /** 0 … 15 */
  id: number;
  hours: number;
  /** The first hour that lies in it. */
  sinceHour: number;
}

export const FIRST_RING: Ring = { id: 0, hours: 720, sinceHour: 0 };

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

export function weekKey(checkId: number, week: number): number {
  return checkId * WEEKS + (week % WEEK_RING);
}

export function barKey(shard: number, block: number): number {
  return shard * 4 + block;
}
