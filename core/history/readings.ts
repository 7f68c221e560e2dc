// Readings of one check from one location, in columns: an hour of a shard is a hundred thousand of them.
import { keyOf, type Outcomes } from '../store/outcome.ts';

/** In time order, each time once. `said` = outcome × 65536 + RTT (log16). */
export interface Readings {
  at: number[];
  said: number[];
}

export function noReadings(): Readings {
  return { at: [], said: [] };
}

export function saying(outcome: number, rtt: number): number {
  return outcome * 65_536 + rtt;
}

export function outcomeOf(said: number): number {
  return said >>> 16;
}

/** log16; 0 = none. */
export function rttOf(said: number): number {
  return said & 0xffff;
}

/**
 * All of them once, in time order, whatever the order and number of the lists. Of two that name the same moment and
 * differ, the same one is always kept.
 */
export function union(lists: readonly Readings[], outcomes: Outcomes): Readings {
  const [only] = lists;
  if (only && lists.length === 1 && rises(only.at)) return only;
  const all: Array<[at: number, said: number]> = [];
  for (const { at, said } of lists) {
    for (let i = 0; i < at.length; i++) all.push([at[i] as number, said[i] as number]);
  }
  all.sort((a, b) => a[0] - b[0] || (a[1] === b[1] ? 0 : compare(a[1], b[1], outcomes)));
  const united = noReadings();
  for (const [at, said] of all) {
    if (united.at.at(-1) === at) continue;
    united.at.push(at);
    united.said.push(said);
  }
  return united;
}

/** Those within [fromAt, toAt). */
export function within({ at, said }: Readings, fromAt: number, toAt: number): Readings {
  const from = firstFrom(at, fromAt);
  const to = firstFrom(at, toAt);
  if (from === 0 && to === at.length) return { at, said };
  return { at: at.slice(from, to), said: said.slice(from, to) };
}

function firstFrom(at: readonly number[], time: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rises(at: readonly number[]): boolean {
  for (let i = 1; i < at.length; i++) {
    if ((at[i] as number) <= (at[i - 1] as number)) return false;
  }
  return true;
}

function compare(a: number, b: number, outcomes: Outcomes): number {
  const [left, right] = [keyOf(outcomes.get(outcomeOf(a))), keyOf(outcomes.get(outcomeOf(b)))];
  if (left !== right) return left < right ? -1 : 1;
  return rttOf(a) - rttOf(b);
}
