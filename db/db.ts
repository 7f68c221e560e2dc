import type { Client } from '@libsql/client';
import type { LibSQLDatabase } from 'drizzle-orm/libsql';
import type * as schema from './schema.ts';

/** The database as everything but bin sees it: drizzle over libSQL, whatever the driver. Writes go through `write` (write.ts). */
export type Db = LibSQLDatabase<typeof schema> & { $client: Client };

/** Runners per shard key: ids stay below this. */
const RUNNERS = 2 ** 20;
export const RING_MINUTES = 512;

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

/** The key of a minute row (or a late row, by the minute of arrival). */
export function minuteKey(shard: number, runnerId: number, minute: number): number {
  return viewKey(shard, runnerId) * RING_MINUTES + (minute % RING_MINUTES);
}
