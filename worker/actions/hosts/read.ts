// Hosts with their checks, from the database to the model.
import { HERE, HERE_NAME, OWN } from '#core/assign.ts';
import { formatDuration } from '#core/duration.ts';
import type { Policy } from '#core/policy.ts';
import { type CheckRow, checkOf } from '#db/rows/check.ts';
import { hostOf } from '#db/rows/host.ts';
import type { Platform } from '#worker/platform.ts';
import { type FleetNames, readFleet, runnerLabel } from './fleet.ts';
import type { CheckModel, HostModel, PolicyModel } from './model.ts';

/** All hosts by group and name, or the one with this id. */
export async function readHosts(platform: Platform, id?: number): Promise<HostModel[]> {
  const { db } = platform;
  const [hosts, checks, fleet] = await Promise.all([
    db.$client.execute(
      id === undefined
        ? 'select * from host order by group_name, name, id'
        : { sql: 'select * from host where id = ?', args: [id] },
    ),
    id === undefined ? readAllCheckRows(platform) : readCheckRows(platform, id),
    readFleet(platform),
  ]);
  const byHost = Map.groupBy(checks, ({ hostId }) => hostId);
  return hosts.rows.map(hostOf).map((host) => ({
    ...host,
    checks: (byHost.get(host.id) ?? []).map((each) => checkModelOf(each, fleet)),
  }));
}

/** The live checks of a host as they are stored. */
export async function readCheckRows({ db }: Platform, hostId: number): Promise<CheckRow[]> {
  const { rows } = await db.$client.execute({
    sql: 'select * from check_ where host_id = ? and deleted_at is null order by id',
    args: [hostId],
  });
  return rows.map(checkOf);
}

async function readAllCheckRows({ db }: Platform): Promise<CheckRow[]> {
  const { rows } = await db.$client.execute(
    'select * from check_ where deleted_at is null order by id',
  );
  return rows.map(checkOf);
}

/** A stored check in the words in which it can be written back. */
export function checkModelOf(row: CheckRow, fleet: FleetNames): CheckModel {
  const { kind, target, ...settings } = row.config;
  const nameOf = (id: number) =>
    fleet.locations.find((each) => each.id === id)?.name ?? (id === HERE ? HERE_NAME : `#${id}`);
  return {
    id: row.id,
    kind,
    name: row.name,
    target,
    interval: formatDuration(row.intervalMs),
    ...row.schedule,
    timeout: formatDuration(row.timeoutMs),
    retryAfter: formatDuration(row.retryAfterMs),
    failures: row.failures,
    successes: row.successes,
    policy: policyModelOf(row.policy, nameOf),
    locations: locationWords(row.locations, nameOf),
    runner: row.runnerId === null ? null : runnerLabel(fleet, row.runnerId),
    paused: row.paused,
    tags: row.tags,
    ...settings,
  };
}

function locationWords(
  locations: CheckRow['locations'],
  nameOf: (id: number) => string,
): CheckModel['locations'] {
  if (locations === null || isOwn(locations)) return 'all';
  return Array.isArray(locations) ? locations.map(nameOf) : locations;
}

function isOwn(locations: CheckRow['locations']): boolean {
  return Array.isArray(locations) && locations.length === 1 && locations[0] === OWN;
}

function policyModelOf(policy: Policy, nameOf: (id: number) => string): PolicyModel {
  if (policy.type === 'atLeast') return policy;
  if (policy.type !== 'required') return policy.type;
  return { type: 'required', locations: policy.locations.map(nameOf) };
}
