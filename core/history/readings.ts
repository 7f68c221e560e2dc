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
  let united: Readings | null = null;
  for (const list of lists) {
    if (list.at.length === 0) continue;
    const own = rises(list.at) ? list : inOrder(list, outcomes);
    united = united === null ? own : merged(united, own, outcomes);
  }
  return united ?? noReadings();
}

/** Two that are in order as one. */
function merged(one: Readings, other: Readings, outcomes: Outcomes): Readings {
  const [first, second] =
    (one.at[0] as number) <= (other.at[0] as number) ? [one, other] : [other, one];
  if ((first.at.at(-1) as number) < (second.at[0] as number)) {
    return { at: first.at.concat(second.at), said: first.said.concat(second.said) };
  }
  const united = noReadings();
  let [i, j] = [0, 0];
  while (i < first.at.length || j < second.at.length) {
    const left = first.at[i] ?? Number.POSITIVE_INFINITY;
    const right = second.at[j] ?? Number.POSITIVE_INFINITY;
    const [a, b] = [first.said[i] as number, second.said[j] as number];
    const takesLeft = left < right || (left === right && (a === b || compare(a, b, outcomes) <= 0));
    united.at.push(takesLeft ? left : right);
    united.said.push(takesLeft ? a : b);
    if (left <= right) i++;
    if (right <= left) j++;
  }
  return united;
}

function inOrder({ at, said }: Readings, outcomes: Outcomes): Readings {
  const order = Array.from(at.keys()).sort((i, j) => {
    const apart = (at[i] as number) - (at[j] as number);
    return apart || compare(said[i] as number, said[j] as number, outcomes);
  });
  const sorted = noReadings();
  for (const index of order) {
    if (sorted.at.at(-1) === at[index]) continue;
    sorted.at.push(at[index] as number);
    sorted.said.push(said[index] as number);
  }
  return sorted;
}

/** Those within [fromAt, toAt). */
export function within({ at, said }: Readings, fromAt: number, toAt: number): Readings {
  const from = firstFrom(at, fromAt);
  const to = firstFrom(at, toAt);
  if (from === 0 && to === at.length) return { at, said };
  return { at: at.slice(from, to), said: said.slice(from, to) };
}

/** The index of the first one at `time` or after it. */
export function firstFrom(at: readonly number[], time: number): number {
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
  if (outcomeOf(a) === outcomeOf(b)) return rttOf(a) - rttOf(b);
  const [left, right] = [keyOf(outcomes.get(outcomeOf(a))), keyOf(outcomes.get(outcomeOf(b)))];
  if (left !== right) return left < right ? -1 : 1;
  return rttOf(a) - rttOf(b);
}
