// The minute's work, on every runtime the same: note our own pulse, see who is silent, judge what time or a crash
// left to be judged. Of ticks at the same moment one does it; everything is guarded all the same.
import { HERE, isWorkerItself } from '#core/assign.ts';
import { type RunnerState, stepFleet } from '#core/fleet.ts';
import { beat, type Hearing, hearing } from '#core/pulse.ts';
import { quarantinedIn, type RunnerSight, stepTrust } from '#core/trust.ts';
import { shardOfViewKey } from '#db/db.ts';
import { newestHealth } from '#db/health.ts';
import {
  CONFIG_VERSION_SQL,
  type Configuration,
  type Fleet,
  looksFromHere,
  parseFleet,
} from '#db/plan.ts';
import { PULSE_SQL, type PulseRecord, pulseRecord } from '#db/pulse.ts';
import { VIEW_COLUMNS, type ViewRecord, viewRecord } from '#db/views.ts';
import { write } from '#db/write.ts';
import { answerQuietly } from '#worker/answers/look.ts';
import { lookQuietly } from '#worker/here/quietly.ts';
import { keepHistory } from '#worker/history/history.ts';
import { configurationOf } from '#worker/ingest/configuration.ts';
import { judge } from '#worker/judge/judge.ts';
import { meter } from '#worker/meter/meter.ts';
import type { Platform } from '#worker/platform.ts';
import { refreshDaysQuietly, refreshQuietly } from '#worker/snapshot/refresh.ts';
import { type Compared, compareRunners, isSuspicious } from './compare.ts';
import { isLeased } from './lease.ts';
import { sweep } from './sweep.ts';
import { tellOutside } from './tellOutside.ts';
import { concernsVotes } from './votes.ts';
import { writePulse } from './writePulse.ts';

export interface TickRead extends PulseRecord {
  fleet: Fleet;
  configVersion: number;
  /** Newest post of each runner over all its shards. */
  postedAt: Map<number, number>;
  /** By shard. */
  views: Map<number, ViewRecord[]>;
  /** By runner: what its view rows hold of its health. */
  health: Map<number, unknown[]>;
  /** Shards with something unjudged or due. */
  shards: Set<number>;
  allShards: number[];
  /** There are checks that the worker answers itself. */
  answers: boolean;
}

/** The worker as a place is never silent; its eyes are doubted like any. */
const UNDOUBTED: RunnerState = { silentSinceAt: null, quarantinedSinceAt: null };

/** One tick at the platform's present time. */
export async function tick(platform: Platform): Promise<void> {
  const now = platform.now();
  const read = await readTick(platform, now);
  if (isLeased(platform, read.pulse, now)) return meter(platform);
  const flushMs = read.fleet.flushMs ?? platform.config.flushMs;
  const { pulse, deaf } = beat(read.pulse, now, flushMs);
  const heard = hearing(pulse, now);
  const posts = read.fleet.runners
    .filter(
      ({ id, status, locationId }) =>
        !isWorkerItself(id) && status === 'active' && locationId !== null,
    )
    .map(({ id }) => ({ runnerId: id, postedAt: read.postedAt.get(id) ?? 0 }));
  const { fleet: spoken, events: spokenEvents } = stepFleet(read.fleetState, posts, heard, flushMs);
  const sights = await sightsOf(platform, read, { flushMs, heard });
  const believed = looksFromHere(read.fleet)
    ? { ...spoken, [HERE]: read.fleetState[HERE] ?? UNDOUBTED }
    : spoken;
  const { fleet, events: trustEvents } = stepTrust(believed, sights, heard);
  const events = [...spokenEvents, ...trustEvents];
  const mine = await writePulse(platform, read, { pulse, deaf, fleet, events });
  if (!mine) return meter(platform);
  if (looksFromHere(read.fleet)) platform.defer(() => lookQuietly(platform));
  if (events.length > 0) platform.live?.changed();
  const changed = events.some(concernsVotes);
  for (const shard of changed ? read.allShards : read.shards) {
    await judgeShard(platform, shard, read.configVersion);
  }
  if (read.answers) await answerQuietly(platform);
  await refreshQuietly(platform);
  await sweep(
    platform,
    { lastTickAt: read.pulse.tickAt, keptHours: read.fleet.keptHours ?? null },
    now,
  );
  await meter(platform);
  await foldHistory(platform, read.configVersion);
  await refreshDaysQuietly(platform);
  await tellOutside(platform);
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

/** What the runners say of themselves, and how what they say of checks compares. */
async function sightsOf(
  platform: Platform,
  read: TickRead,
  { flushMs, heard }: { flushMs: number; heard: Hearing },
): Promise<RunnerSight[]> {
  const quarantined = quarantinedIn(read.fleetState);
  const shards: Compared[] = [];
  for (const [shard, records] of read.views) {
    if (!isSuspicious(records, quarantined)) continue;
    const configuration = await configurationOf(platform, shard, read.configVersion);
    shards.push({ configuration, records });
  }
  const comparisons = compareRunners(shards, { flushMs, heard, quarantined });
  return read.fleet.runners.map(({ id }) => ({
    runnerId: id,
    comparison: comparisons.get(id) ?? null,
    blindSinceAt: newestHealth(read.health.get(id) ?? [])?.blindSinceAt ?? null,
  }));
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
  const [pulseRow, version, fleet, views, states, plans, answers] = await write(platform.db, [
    PULSE_SQL,
    `select ${CONFIG_VERSION_SQL} as version`,
    `select value from setting where key = 'fleet'`,
    `select ${VIEW_COLUMNS}, v.health, v.seq <> v.judged_seq as unjudged from view v`,
    'select shard, due_at from shard_state',
    'select id from shard',
    'select 1 from answered limit 1',
  ]);
  const postedAt = new Map<number, number>();
  const shards = new Set<number>();
  const health = new Map<number, unknown[]>();
  const byShard = new Map<number, ViewRecord[]>();
  for (const row of views?.rows ?? []) {
    const k = Number(row.k);
    const record = viewRecord(row);
    const { runnerId } = record;
    const shard = shardOfViewKey(k);
    health.set(runnerId, [...(health.get(runnerId) ?? []), row.health]);
    byShard.set(shard, [...(byShard.get(shard) ?? []), record]);
    postedAt.set(runnerId, Math.max(postedAt.get(runnerId) ?? 0, Number(row.posted_at)));
    if (Number(row.unjudged) === 1) shards.add(shard);
  }
  for (const row of states?.rows ?? []) {
    if (Number(row.due_at) <= now) shards.add(Number(row.shard));
  }
  return {
    ...pulseRecord(pulseRow?.rows[0]),
    views: byShard,
    health,
    fleet: parseFleet(fleet?.rows[0]?.value as string | undefined),
    configVersion: Number(version?.rows[0]?.version ?? 0),
    postedAt,
    shards,
    allShards: (plans?.rows ?? []).map((row) => Number(row.id)),
    answers: (answers?.rows ?? []).length > 0,
  };
}
