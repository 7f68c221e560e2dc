// The minute's work, on every runtime the same: note our own pulse, see who is silent, judge what time or a crash
// left to be judged. Everything is guarded, so two ticks at once do no harm.
import { type FleetEvent, type FleetState, stepFleet } from '#core/fleet.ts';
import { beat, hearing, NO_PULSE, type Pulse } from '#core/pulse.ts';
import { runnerOfViewKey, shardOfViewKey } from '#db/db.ts';
import { CONFIG_VERSION_SQL, type Configuration, type Fleet, parseFleet } from '#db/plan.ts';
import { write } from '#db/write.ts';
import { keepHistory } from '#worker/history/history.ts';
import { configurationOf } from '#worker/ingest/configuration.ts';
import { judge } from '#worker/judge/judge.ts';
import { meter } from '#worker/meter/meter.ts';
import type { Platform } from '#worker/platform.ts';
import { refreshQuietly } from '#worker/snapshot/refresh.ts';
import { sweep } from './sweep.ts';
import { writePulse } from './writePulse.ts';

export interface TickRead {
  pulse: Pulse;
  /** Of the pulse row; 0 = there is none yet. */
  version: number;
  fleetState: FleetState;
  fleet: Fleet;
  configVersion: number;
  /** Newest post of each runner over all its shards. */
  postedAt: Map<number, number>;
  /** Shards with something unjudged or due. */
  shards: Set<number>;
  allShards: number[];
}

/** One tick at the platform's present time. */
export async function tick(platform: Platform): Promise<void> {
  const now = platform.now();
  const read = await readTick(platform, now);
  const flushMs = read.fleet.flushMs ?? platform.config.flushMs;
  const { pulse, deaf } = beat(read.pulse, now, flushMs);
  const heard = hearing(pulse, now);
  const posts = read.fleet.runners
    .filter(({ status, locationId }) => status === 'active' && locationId !== null)
    .map(({ id }) => ({ runnerId: id, postedAt: read.postedAt.get(id) ?? 0 }));
  const { fleet, events } = stepFleet(read.fleetState, posts, heard, flushMs);
  await writePulse(platform, read, { pulse, deaf, fleet, events });
  const changed = events.some(concernsVotes);
  for (const shard of changed ? read.allShards : read.shards) {
    await judgeShard(platform, shard, read.configVersion);
  }
  await refreshQuietly(platform);
  await sweep(platform, read.pulse.tickAt, now);
  await meter(platform);
  await foldHistory(platform, read.configVersion);
}

/** One slice where the CPU of a run is short, else as many as a quiet minute has room for. */
async function foldHistory(platform: Platform, configVersion: number): Promise<void> {
  try {
    await keepHistory(platform, platform.config.runtime === 'edge' ? 1 : 24, configVersion);
  } catch (error) {
    const { message } = error as Error;
    platform.log('error', 'history could not be folded; the next tick tries again', { message });
  }
}

function concernsVotes({ type }: FleetEvent): boolean {
  return type === 'runner.silent' || type === 'runner.back';
}

async function judgeShard(platform: Platform, shard: number, version: number): Promise<void> {
  try {
    const configuration: Configuration = await configurationOf(platform, shard, version);
    await judge(platform, shard, configuration, null);
  } catch (error) {
    platform.log('error', 'a shard could not be judged', {
      shard,
      error: (error as Error).message,
    });
  }
}

async function readTick(platform: Platform, now: number): Promise<TickRead> {
  const [pulseRow, version, fleet, views, states, plans] = await write(platform.db, [
    'select version, tick_at, grace_until_at, frozen_at, fleet from pulse where id = 1',
    `select ${CONFIG_VERSION_SQL} as version`,
    `select value from setting where key = 'fleet'`,
    'select k, posted_at, seq <> judged_seq as unjudged from view',
    'select shard, due_at from shard_state',
    'select id from shard',
  ]);
  const postedAt = new Map<number, number>();
  const shards = new Set<number>();
  for (const row of views?.rows ?? []) {
    const k = Number(row.k);
    const runnerId = runnerOfViewKey(k);
    postedAt.set(runnerId, Math.max(postedAt.get(runnerId) ?? 0, Number(row.posted_at)));
    if (Number(row.unjudged) === 1) shards.add(shardOfViewKey(k));
  }
  for (const row of states?.rows ?? []) {
    if (Number(row.due_at) <= now) shards.add(Number(row.shard));
  }
  const held = pulseRow?.rows[0];
  return {
    pulse: held
      ? {
          tickAt: Number(held.tick_at),
          graceUntilAt: Number(held.grace_until_at),
          frozenAt: Number(held.frozen_at),
        }
      : NO_PULSE,
    version: Number(held?.version ?? 0),
    fleetState: JSON.parse(String(held?.fleet ?? '{}')) as FleetState,
    fleet: parseFleet(fleet?.rows[0]?.value as string | undefined),
    configVersion: Number(version?.rows[0]?.version ?? 0),
    postedAt,
    shards,
    allShards: (plans?.rows ?? []).map((row) => Number(row.id)),
  };
}
