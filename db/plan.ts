// The configuration, packed for the hot path: what ingest and judging need of a shard's checks in one row, and of the
// fleet in another. Both are rewritten in SQL, in the same batch as the change itself.
import type { InStatement } from '@libsql/client';
import { HERE, HERE_NAME, OWN } from '#core/assign.ts';
import type { Maintenance } from '#core/maintenance.ts';
import type { Policy } from '#core/policy.ts';
import { answeredStatements } from './answered.ts';
import type { Db } from './db.ts';
import { HOSTS_SQL } from './maintenance.ts';

/** SQL for the configuration version in force; use it inside the batch, after `bumpConfig`. */
export const CONFIG_VERSION_SQL = `coalesce((select cast(value as integer) from setting where key = 'config_version'), 0)`;

/**
 * First in every batch that changes hosts, checks, locations or runners: raises the configuration version and tells
 * every runner to fetch. `resync` names the locations whose runners must fetch everything anew; with a `guard` it only
 * takes effect where that holds.
 */
export function bumpConfig(
  resync: readonly number[] = [],
  guard: { sql: string; args: string[] } = { sql: 'true', args: [] },
): InStatement[] {
  return [
    {
      sql: `insert into setting (key, value) select 'config_version', '1' where ${guard.sql}
            on conflict (key) do update set value = cast(cast(value as integer) + 1 as text)`,
      args: guard.args,
    },
    {
      sql: `update runner set config_version = ${CONFIG_VERSION_SQL}, resync_version = case
              when location_id in (select value from json_each(?)) then ${CONFIG_VERSION_SQL} else resync_version end
            where status in ('active', 'pending') and ${guard.sql}`,
      args: [JSON.stringify(resync), ...guard.args],
    },
  ];
}

/** SQL for the ids of the locations of check `c`, tags resolved to those that bear one of them; null = every one. */
export const LOCATIONS_SQL = `json(case when json_type(c.locations) = 'object' then (
    select json_group_array(l.id) from location l where exists (
      select 1 from json_each(l.tags) bears join json_each(c.locations, '$.tags') wanted on wanted.value = bears.value))
  else c.locations end)`;

/**
 * Last in a batch that changes checks of a shard (or pauses their host): packs the shard's plan anew, and keeps the rows
 * of what the worker answers itself in step with it. What is being decided by the plan before is decided anew.
 */
export function planStatements(shard: number): InStatement[] {
  const supersede = {
    sql: 'update shard_state set version = version + 1 where shard = ?',
    args: [shard],
  };
  return [planStatement(shard), supersede, ...answeredStatements(shard)];
}

function planStatement(shard: number): InStatement {
  return {
    sql: `insert into shard (id, version, plan)
          select ?, ${CONFIG_VERSION_SQL}, coalesce(json_group_array(json_array(
            c.position, c.id, c.rev, c.interval_ms, c.timeout_ms, c.failures, c.successes, json(c.policy),
            ${LOCATIONS_SQL}, c.runner_id, c.paused or h.paused, c.host_id, c.must_report_ms)), '[]')
          from check_ c join host h on h.id = c.host_id where c.shard = ? and c.deleted_at is null
          on conflict (id) do update set version = excluded.version, plan = excluded.plan`,
    args: [shard, shard],
  };
}

/**
 * Last in a batch that changes locations, runners, maintenances, the groups of hosts, or the settings `flush_ms`,
 * `auto_flush` and `from_worker`: packs the fleet anew. Work that was over an hour before the last tick is not in it.
 */
export const fleetStatement: InStatement = `insert into setting (key, value)
  select 'fleet', json_object(
    'locations', (select json_group_array(json_array(id, name, enabled)) from location),
    'runners', (select json_group_array(json_array(id, name, location_id, status)) from runner),
    'flushMs', coalesce(
      (select value ->> '$' from setting where key = 'flush_ms'),
      (select value ->> '$.flushMs' from setting where key = 'auto_flush')),
    'here', (select value ->> '$' from setting where key = 'from_worker'),
    'keptHours', max(coalesce((select value ->> '$[#-1].hours' from setting where key = 'history_rings'), 720),
      coalesce((select max(h.value ->> '$.rings[#-1].hours') from setting s, json_each(s.value) h
        where s.key = 'history_hosts'), 0)),
    'maintenances', (select json_group_array(json_array(m.id, m.title, m.from_at, m.until_at, json(${HOSTS_SQL})))
      from maintenance m where m.until_at > coalesce((select tick_at from pulse where id = 1), 0) - 3600000))
  where true on conflict (key) do update set value = excluded.value`;

/** A check as the hot path knows it. */
export interface PlannedCheck {
  position: number;
  checkId: number;
  hostId: number;
  rev: number;
  intervalMs: number;
  timeoutMs: number;
  failures: number;
  successes: number;
  policy: Policy;
  /** Null = every enabled location. */
  locations: number[] | null;
  /** Pinned to this runner. */
  runnerId: number | null;
  paused: boolean;
  /** So long may its runner be silent before that is "down"; null = silence never is. */
  mustReportMs: number | null;
}

export interface Plan {
  byId: Map<number, PlannedCheck>;
}

/** What the worker is called where locations and runners are named. */
const OWN_NAME = 'Anyup';

/**
 * The worker itself is among both (core/assign.ts); as a place that looks at targets only once that was ever switched on,
 * and as a disabled one while it is off.
 */
export interface Fleet {
  locations: Array<{ id: number; name: string; enabled: boolean }>;
  runners: Array<{ id: number; name: string; locationId: number | null; status: string }>;
  /** As a person set it, else as the meter did; null = as the platform says. */
  flushMs: number | null;
  /** How long readings of any host are kept; null = 30 days. */
  keptHours?: number | null;
  /** Planned work that is under way or to come. */
  maintenances: Maintenance[];
}

type PlanTuple = [
  position: number,
  checkId: number,
  rev: number,
  intervalMs: number,
  timeoutMs: number,
  failures: number,
  successes: number,
  policy: Policy,
  locations: number[] | null,
  runnerId: number | null,
  paused: 0 | 1,
  hostId: number,
  mustReportMs?: number | null,
];

export function parsePlan(text: string | undefined): Plan {
  const byId = new Map<number, PlannedCheck>();
  for (const tuple of JSON.parse(text ?? '[]') as PlanTuple[]) {
    const [position, checkId, rev, intervalMs, timeoutMs, failures, successes] = tuple;
    const [policy, locations, runnerId, paused, hostId, mustReportMs] = tuple.slice(7) as [
      Policy,
      number[] | null,
      number | null,
      0 | 1,
      number,
      number | null | undefined,
    ];
    byId.set(checkId, {
      position,
      checkId,
      hostId,
      rev,
      intervalMs,
      timeoutMs,
      failures,
      successes,
      policy,
      locations,
      runnerId,
      paused: paused === 1,
      mustReportMs: mustReportMs ?? null,
    });
  }
  return { byId };
}

export function parseFleet(text: string | undefined): Fleet {
  const raw = JSON.parse(text ?? '{"locations":[],"runners":[]}') as {
    locations: Array<[number, string, 0 | 1]>;
    runners: Array<[number, string, number | null, string]>;
    flushMs?: number | null;
    keptHours?: number | null;
    here?: 0 | 1 | null;
    maintenances?: Array<[number, string, number, number, number[] | null]>;
  };
  return {
    flushMs: raw.flushMs ?? null,
    keptHours: raw.keptHours ?? null,
    maintenances: (raw.maintenances ?? []).map(([id, title, fromAt, untilAt, hosts]) => ({
      id,
      title,
      fromAt,
      untilAt,
      hosts,
    })),
    locations: [
      { id: OWN, name: OWN_NAME, enabled: true },
      ...raw.locations.map(([id, name, enabled]) => ({ id, name, enabled: enabled === 1 })),
      ...(raw.here == null ? [] : [{ id: HERE, name: HERE_NAME, enabled: raw.here === 1 }]),
    ],
    runners: [
      { id: OWN, name: OWN_NAME, locationId: OWN, status: 'active' },
      ...raw.runners.map(([id, name, locationId, status]) => ({ id, name, locationId, status })),
      ...(raw.here == null
        ? []
        : [{ id: HERE, name: HERE_NAME, locationId: HERE, status: 'active' }]),
    ],
  };
}

/** Does the worker itself look at targets? */
export function looksFromHere({ locations }: Pick<Fleet, 'locations'>): boolean {
  return locations.some(({ id, enabled }) => id === HERE && enabled);
}

/** A shard's plan and the fleet, as of a configuration version. */
export interface Configuration {
  version: number;
  plan: Plan;
  fleet: Fleet;
}

/** Reads both packed rows: 2–3 rows. */
export async function readConfiguration(db: Db, shard: number): Promise<Configuration> {
  const [version, plan, fleet] = await db.$client.batch(
    [
      `select ${CONFIG_VERSION_SQL} as version`,
      { sql: 'select plan from shard where id = ?', args: [shard] },
      `select value from setting where key = 'fleet'`,
    ],
    'read',
  );
  return {
    version: Number(version?.rows[0]?.version ?? 0),
    plan: parsePlan(plan?.rows[0]?.plan as string | undefined),
    fleet: parseFleet(fleet?.rows[0]?.value as string | undefined),
  };
}
