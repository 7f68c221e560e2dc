import type { Client } from '@libsql/client';

/** The database, whatever the driver; drizzle's object is one, where there is drizzle. Writes go through `write` (write.ts). */
export interface Db {
  $client: Client;
}

/** Runners per shard key: ids stay below this. */
const RUNNERS = 2 ** 20;
/** A row of results takes what arrives within this long. */
export const SPAN_MS = 4 * 60_000;
/** Rows of results per runner and shard: 8.5 hours. */
export const RING_SPANS = 128;

/** The key of a view row. */
export function viewKey(shard: number, runnerId: number): number {
  return shard * RUNNERS + runnerId;
}

/** All view rows of a shard lie between these, both inclusive. */
export function viewKeysOf(shard: number): [from: number, to: number] {
  return [shard * RUNNERS, shard * RUNNERS + RUNNERS - 1];
}

export function runnerOfViewKey(k: number): number {
  return k % RUNNERS;
}

export function shardOfViewKey(k: number): number {
  return Math.floor(k / RUNNERS);
}

/** The key of a row of results as they arrived, in the ring of spans. */
export function spanKey(shard: number, runnerId: number, span: number): number {
  return viewKey(shard, runnerId) * RING_SPANS + (span % RING_SPANS);
}

/** Which span of arrival a moment lies in. */
export function spanOf(at: number): number {
  return Math.floor(at / SPAN_MS);
}

/** The keys of a runner's rows of these spans, as one range, or two where the ring comes round; both ends inclusive. */
export function spanRanges(
  shard: number,
  runnerId: number,
  from: number,
  to: number,
): Array<[first: number, last: number]> {
  if (to < from) return [];
  const [first, last] = [spanKey(shard, runnerId, from), spanKey(shard, runnerId, to)];
  if (first <= last) return [[first, last]];
  const ring = spanKey(shard, runnerId, 0);
  return [
    [first, ring + RING_SPANS - 1],
    [ring, last],
  ];
}
