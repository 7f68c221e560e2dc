// The fixed grid: every check has a place on the wall clock, so that checks are spread evenly and never drift. The first
// thousand are gathered in fewer slots than there are (docs/decisions/0027-gathered-slots.md).

/** The fractional part of the golden ratio: its multiples fill an interval evenly, however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Checks due within the same slot share one wake-up: 1 s, a quarter of the interval below 4 s. */
export function slotMs(intervalMs: number): number {
  return intervalMs >= 4000 ? 1000 : Math.max(1, Math.floor(intervalMs / 4));
}

/** Where a check stands among all checks, for good. */
export interface Place {
  shard: number;
  position: number;
}

/** How the checks of a shard lie in their interval: `gathered` in slots that lie apart, or `even` over all of them. */
export type Lay = 'gathered' | 'even';

/** One slot in so long is filled first, to so many checks, then the one after each, and so on. */
const GATHERED = { apartMs: 5000, checks: 50 };

/** Where there are more shards than one, their slots are full enough. */
export function layOf(shard: number): Lay {
  return shard === 0 ? 'gathered' : 'even';
}

/** Where in its interval the check at a position is due: a multiple of `slotMs`, below `intervalMs`. */
export function offsetMs(position: number, intervalMs: number, lay: Lay): number {
  const slot = slotMs(intervalMs);
  const slots = Math.max(1, Math.floor(intervalMs / slot));
  return (lay === 'gathered' ? gathered(position, slots, slot) : even(position, slots)) * slot;
}

function even(position: number, slots: number): number {
  return Math.floor(((position * GOLDEN) % 1) * slots);
}

function gathered(position: number, slots: number, slot: number): number {
  const groups = Math.ceil((slots * slot) / GATHERED.apartMs);
  const after = Math.floor(position / (GATHERED.checks * groups));
  if (after >= Math.floor(slots / groups)) return even(position, slots);
  return Math.floor((even(position, groups) * slots) / groups) + after;
}

/** The first place on the grid (epoch ms) strictly after `afterAt`: whoever is late skips, nothing piles up. */
export function nextSlotAt(
  { shard, position }: Place,
  intervalMs: number,
  afterAt: number,
): number {
  const offset = offsetMs(position, intervalMs, layOf(shard));
  return offset + (Math.floor((afterAt - offset) / intervalMs) + 1) * intervalMs;
}

/** By weight (core/checks/kind.ts), what is begun at once at most: some 5 ms of one core. */
const MOST_AT_ONCE = 48;
/**
 * Between the parts of a full slot: time enough for one, and no more than what it touched in memory stays at hand. Parts
 * that lie far apart cost 1 to 2 ms more each.
 */
const APART_MS = 16;
const LEAST_APART_MS = 10;

/** In how many parts a slot is probed that holds checks of this weight in all; `spanMs`: its length. */
export function partsOf(weight: number, spanMs: number): number {
  const most = Math.max(1, Math.floor(spanMs / LEAST_APART_MS));
  return Math.min(most, Math.max(1, Math.ceil(weight / MOST_AT_ONCE)));
}

/** When a part begins, after its slot. */
export function partMs(index: number, parts: number, spanMs: number): number {
  return Math.floor(index * Math.min(APART_MS, spanMs / parts));
}
