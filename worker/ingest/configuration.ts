import { type Configuration, readConfiguration } from '#db/plan.ts';
import type { Platform } from '#worker/platform.ts';

interface Cached {
  configuration: Configuration;
}

const cache = new WeakMap<object, Map<number, Cached>>();

/**
 * The plan of a shard and the fleet, kept in the isolate and read again when the version that the runner's row names
 * is newer.
 */
export async function configurationOf(
  platform: Platform,
  shard: number,
  atLeastVersion: number,
): Promise<Configuration> {
  const client = platform.db.$client;
  const shards = cache.get(client) ?? new Map<number, Cached>();
  cache.set(client, shards);
  const known = shards.get(shard);
  if (known && known.configuration.version >= atLeastVersion) return known.configuration;
  const configuration = await readConfiguration(platform.db, shard);
  shards.set(shard, { configuration });
  return configuration;
}

/** How often runners post: the setting, or what the platform starts with. */
export function flushMsOf(platform: Platform, configuration: Configuration): number {
  return configuration.fleet.flushMs ?? platform.config.flushMs;
}
