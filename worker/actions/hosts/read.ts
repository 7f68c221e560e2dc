// Hosts with their checks, from the database to the model.

import { and, asc, eq, isNull } from 'drizzle-orm';
import { formatDuration } from '#core/duration.ts';
import type { Policy } from '#core/policy.ts';
import { check, host } from '#db/schema.ts';
import type { Platform } from '#worker/platform.ts';
import { type FleetNames, readFleet, runnerLabel } from './fleet.ts';
import type { CheckModel, HostModel, PolicyModel } from './model.ts';

export type CheckRow = typeof check.$inferSelect;

/** All hosts by group and name, or the one with this id. */
export async function readHosts(platform: Platform, id?: number): Promise<HostModel[]> {
  const { db } = platform;
  const live = isNull(check.deletedAt);
  const [hosts, checks, fleet] = await Promise.all([
    db
      .select()
      .from(host)
      .where(id === undefined ? undefined : eq(host.id, id))
      .orderBy(asc(host.group), asc(host.name), asc(host.id)),
    db
      .select()
      .from(check)
      .where(id === undefined ? live : and(live, eq(check.hostId, id)))
      .orderBy(asc(check.id)),
    readFleet(platform),
  ]);
  const byHost = Map.groupBy(checks, ({ hostId }) => hostId);
  return hosts.map((row) => ({
    id: row.id,
    name: row.name,
    group: row.group,
    tags: row.tags,
    paused: row.paused,
    createdAt: row.createdAt,
    checks: (byHost.get(row.id) ?? []).map((each) => checkModelOf(each, fleet)),
  }));
}

/** The live checks of a host as they are stored. */
export function readCheckRows({ db }: Platform, hostId: number): Promise<CheckRow[]> {
  return db
    .select()
    .from(check)
    .where(and(isNull(check.deletedAt), eq(check.hostId, hostId)))
    .orderBy(asc(check.id));
}

/** A stored check in the words in which it can be written back. */
export function checkModelOf(row: CheckRow, fleet: FleetNames): CheckModel {
  const { kind, target, ...settings } = row.config;
  const nameOf = (id: number) => fleet.locations.find((each) => each.id === id)?.name ?? `#${id}`;
  return {
    id: row.id,
    kind,
    name: row.name,
    target,
    interval: formatDuration(row.intervalMs),
    timeout: formatDuration(row.timeoutMs),
    retryAfter: formatDuration(row.retryAfterMs),
    failures: row.failures,
    successes: row.successes,
    policy: policyModelOf(row.policy, nameOf),
    locations: locationWords(row.locations, nameOf),
    runner: row.runnerId === null ? null : runnerLabel(fleet, row.runnerId),
    paused: row.paused,
    ...settings,
  };
}

function locationWords(
  locations: CheckRow['locations'],
  nameOf: (id: number) => string,
): CheckModel['locations'] {
  if (locations === null) return 'all';
  return Array.isArray(locations) ? locations.map(nameOf) : locations;
}

function policyModelOf(policy: Policy, nameOf: (id: number) => string): PolicyModel {
  if (policy.type === 'atLeast') return policy;
  if (policy.type !== 'required') return policy.type;
  return { type: 'required', locations: policy.locations.map(nameOf) };
}
