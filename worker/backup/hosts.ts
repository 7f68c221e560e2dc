// Hosts by group and name, their checks by kind and target.
import type { InStatement } from '@libsql/client';
import * as z from 'zod';
import { isOwnMachine } from '#core/checks/index.ts';
import type { Place } from '#db/place.ts';
import { CONFIG_VERSION_SQL } from '#db/plan.ts';
import type { CheckRow } from '#db/rows/check.ts';
import { type CheckDraft, draftOf } from '#worker/actions/hosts/draft.ts';
import { defaultRunner, type FleetNames, FROM_HERE } from '#worker/actions/hosts/fleet.ts';
import { checkInput } from '#worker/actions/hosts/input.ts';
import { looksAtOthers } from '#worker/actions/hosts/members.ts';
import { type Placing, placingOf, policyFor } from '#worker/actions/hosts/placing.ts';
import { checkModelOf } from '#worker/actions/hosts/read.ts';
import {
  mustReportMsOf,
  removeChecks,
  removeChecksOf,
  updateCheck,
} from '#worker/actions/hosts/statements.ts';
import { isRenewed, isSame } from '#worker/actions/hosts/update.ts';
import { parseInput } from '#worker/actions/parse.ts';
import type { Platform } from '#worker/platform.ts';
import type { BackupDocument, CheckEntry, HostEntry } from './document.ts';
import type { Here } from './here.ts';
import { differing, key, type PartPlan, pair } from './match.ts';
import { type FieldPath, putBack, shownTarget } from './withheld.ts';

type HostRow = Here['hosts'][number];

interface NewCheck {
  id: number;
  hostId: number;
  draft: CheckDraft;
  placing: Placing;
  createdAt: number;
}

export interface HostsPlan extends PartPlan {
  hostIds: Map<number, number>;
  checkIds: Map<number, number>;
  /** Of the addresses that jobs call, by their check. */
  addressHashes: Map<number, string>;
  newHosts: HostRow[];
  newChecks: NewCheck[];
  /** Everything but the new rows. */
  statements: InStatement[];
  /** Whose plans are to be packed anew, beside those of new checks. */
  shards: Set<number>;
}

export function planHosts(
  platform: Platform,
  document: BackupDocument,
  here: Here,
  locations: Here['locations'],
  replace: boolean,
): HostsPlan {
  const plan: HostsPlan = {
    changes: [],
    warnings: [],
    hostIds: new Map(),
    checkIds: new Map(),
    addressHashes: new Map(),
    newHosts: [],
    newChecks: [],
    statements: [],
    shards: new Set(),
  };
  const keyOf = ({ group, name }: { group: string; name: string }) => key(group, name);
  const { pairs, left } = pair(document.hosts, here.hosts, keyOf, keyOf);
  const checksOf = Map.groupBy(here.checks, ({ hostId }) => hostId);
  const entries = pairs.map(({ theirs, ours }) => {
    const rows = ours ? (checksOf.get(ours.id) ?? []) : [];
    return { theirs, ours, ...pairChecks(theirs, rows, here) };
  });
  const drafts = draftsOf(entries.map(({ checks }) => checks));
  const world = { platform, here, locations, plan, history: document.history === true };
  for (const [index, entry] of entries.entries()) {
    const hostId = planHost(world, entry.theirs, entry.ours);
    for (const [position, known] of entry.checks.entries()) {
      const draft = drafts[index]?.[position] as CheckDraft;
      planCheck(
        world,
        { ...known, draft, hostId, host: nameOf(entry.theirs) },
        `hosts[${index}].checks[${position}]`,
      );
    }
    leaveOrRemoveChecks(world, entry.left, nameOf(entry.theirs), replace);
  }
  for (const ours of left) leaveOrRemoveHost(world, ours, checksOf.get(ours.id) ?? [], replace);
  return plan;
}

interface World {
  platform: Platform;
  here: Here;
  locations: Here['locations'];
  plan: HostsPlan;
  /** History comes with it: what is here begins with what comes. */
  history: boolean;
}

interface KnownCheck {
  theirs: CheckEntry;
  ours: CheckRow | null;
  /** As it is to be parsed. */
  whole: Record<string, unknown>;
  missing: FieldPath[];
}

function pairChecks(host: HostEntry, rows: CheckRow[], here: Here) {
  const { pairs, left } = pair(
    host.checks,
    rows,
    ({ kind, target }) => key(String(kind), String(target)),
    ({ kind, target }) => key(kind, shownTarget(target)),
  );
  const checks = pairs.map(({ theirs, ours }): KnownCheck => {
    const { id: _, createdAt: __, addressHash: ___, withheld = [], ...fields } = theirs;
    const known = putBack(fields, withheld, ours && checkModelOf(ours, here));
    // Unfinished without its secrets: that is only taken of one that is paused.
    const paused = known.missing.length > 0 ? { paused: true } : {};
    return { theirs, ours, ...known, whole: { ...known.whole, ...paused } };
  });
  return { checks, left };
}

const parsedChecks = z.strictObject({
  hosts: z.array(z.strictObject({ checks: z.array(checkInput) })),
});

/** All at once, so that every fault is told at once. A runner that is not here is no fault. */
function draftsOf(hosts: KnownCheck[][]): CheckDraft[][] {
  const input = hosts.map((checks) => ({ checks: checks.map(({ whole }) => whole) }));
  const parsed = parseInput(parsedChecks, { hosts: input });
  return parsed.hosts.map(({ checks }) => checks.map(draftOf));
}

function nameOf({ group, name }: { group: string; name: string }): string {
  return group === '' ? name : `${group} / ${name}`;
}

function planHost(
  { platform, here, plan }: World,
  theirs: HostEntry,
  ours: HostRow | null,
): number {
  const { name, group, paused, tags = ours?.tags ?? [] } = theirs;
  if (ours === null) {
    const id = here.empty ? theirs.id : here.nextId('host');
    plan.hostIds.set(theirs.id, id);
    const createdAt = theirs.createdAt ?? platform.now();
    plan.newHosts.push({ id, name, group, paused, tags, createdAt });
    plan.changes.push({ what: 'host', name: nameOf(theirs), change: 'created' });
    return id;
  }
  plan.hostIds.set(theirs.id, ours.id);
  const fields = differing({ paused: ours.paused, tags: ours.tags }, { paused, tags });
  if (fields.length === 0) {
    plan.changes.push({ what: 'host', name: nameOf(theirs), change: 'left' });
    return ours.id;
  }
  plan.changes.push({ what: 'host', name: nameOf(theirs), change: 'changed', fields });
  plan.statements.push(
    {
      sql: 'update host set paused = ?, tags = ? where id = ?',
      args: [paused ? 1 : 0, JSON.stringify(tags), ours.id],
    },
    {
      sql: `update check_ set changed_version = ${CONFIG_VERSION_SQL} where host_id = ? and deleted_at is null`,
      args: [ours.id],
    },
  );
  for (const { hostId, shard } of here.checks) if (hostId === ours.id) plan.shards.add(shard);
  return ours.id;
}

function planCheck(
  world: World,
  check: KnownCheck & { draft: CheckDraft; hostId: number; host: string },
  at: string,
): void {
  const { platform, here, plan } = world;
  const { theirs, ours, missing, hostId } = check;
  const name = `${check.host}: ${shownTarget(check.draft.target)}`;
  const { draft, placing, warnings } = placed(world, check.draft, at);
  if (theirs.addressHash !== undefined) plan.addressHashes.set(theirs.id, theirs.addressHash);
  if (looksAtOthers(draft.kind) && ours === null && !here.empty) {
    draft.paused = true;
    warnings.push(
      'is paused: its members are named by ids of the other installation; look them through',
    );
  }
  if (missing.length > 0) {
    draft.paused = true;
    const fields = missing.map((path) => path.join('.')).join(', ');
    warnings.push(`is paused: a backup has no secrets; give it ${fields} again`);
  }
  plan.warnings.push(...warnings.map((words) => `${name} ${words}`));
  if (ours === null) {
    const id = here.empty ? theirs.id : here.nextId('check_');
    plan.checkIds.set(theirs.id, id);
    const createdAt = theirs.createdAt ?? platform.now();
    plan.newChecks.push({ id, hostId, draft, placing, createdAt });
    plan.changes.push({ what: 'check', name, change: 'created' });
    return;
  }
  plan.checkIds.set(theirs.id, ours.id);
  const same = isSame(ours, draft, placing);
  const older = world.history && (theirs.createdAt ?? ours.createdAt) < ours.createdAt;
  if (same && !older) {
    plan.changes.push({ what: 'check', name, change: 'left' });
    return;
  }
  const fields = differing(comparable(ours), comparable({ ...draft, ...placing }));
  if (older) {
    fields.push('createdAt');
    plan.statements.push({
      sql: 'update check_ set created_at = ? where id = ?',
      args: [theirs.createdAt ?? ours.createdAt, ours.id],
    });
  }
  plan.changes.push({ what: 'check', name, change: 'changed', fields });
  if (same) return;
  plan.statements.push(updateCheck(ours.id, draft, placing, isRenewed(ours, draft, placing)));
  plan.shards.add(ours.shard);
}

type Comparable = Pick<
  CheckRow,
  | 'name'
  | 'intervalMs'
  | 'schedule'
  | 'tags'
  | 'timeoutMs'
  | 'retryAfterMs'
  | 'failures'
  | 'successes'
  | 'policy'
  | 'locations'
  | 'runnerId'
  | 'paused'
> & { config: object };

/** What of a check can differ, without what may be secret. */
function comparable(check: Comparable) {
  const { config, name, intervalMs, timeoutMs, retryAfterMs, failures, successes } = check;
  const { policy, locations, runnerId, paused, schedule, tags } = check;
  return {
    ...config,
    name,
    interval: intervalMs,
    cron: schedule,
    tags,
    timeout: timeoutMs,
    retryAfter: retryAfterMs,
    failures,
    successes,
    policy,
    locations,
    runner: runnerId,
    paused,
  };
}

/** Where it is probed from; bound to a runner that is not here it waits, paused. */
function placed(
  { platform, here, locations }: World,
  draft: CheckDraft,
  at: string,
): { draft: CheckDraft; placing: Placing; warnings: string[] } {
  // Whether the worker looks is a setting of its own.
  const named = JSON.stringify([draft.locations, draft.policy]).includes(`"${FROM_HERE.name}"`);
  const fleet = {
    locations: named ? [...locations, FROM_HERE] : locations,
    runners: here.runners,
    workerNetworks: platform.config.workerNetworks,
  };
  const why = waitsFor(draft, fleet);
  if (why === null)
    return { draft: { ...draft }, placing: placingOf(draft, fleet, at), warnings: [] };
  const waiting = { ...draft, runner: null, paused: true };
  const placing = {
    locations: null,
    runnerId: null,
    policy: policyFor(draft, fleet, at),
    warnings: [],
  };
  return { draft: waiting, placing, warnings: draft.paused ? [] : [why] };
}

/** Why no runner can be named for it yet; null = one can, or none is needed. */
function waitsFor(
  { runner, spec, locations, paused }: CheckDraft,
  fleet: FleetNames,
): string | null {
  if (runner === null) {
    const unbound = isOwnMachine(spec) && locations === 'all';
    return unbound && (paused || defaultRunner(fleet) === null)
      ? 'is paused: it measures the machine of a runner; choose which'
      : null;
  }
  const named = fleet.runners.filter(({ name }) => name === runner).length;
  if (named === 1) return null;
  return named === 0
    ? `is paused: its runner "${runner}" is not here; restore again when it has joined, or choose another`
    : `is paused: ${named} runners are called "${runner}"; choose one`;
}

function leaveOrRemoveChecks(
  { platform, plan }: World,
  rows: readonly CheckRow[],
  host: string,
  replace: boolean,
): void {
  for (const { target } of rows) {
    const change = replace ? ('removed' as const) : ('left' as const);
    plan.changes.push({ what: 'check', name: `${host}: ${shownTarget(target)}`, change });
  }
  if (!replace || rows.length === 0) return;
  plan.statements.push(
    ...removeChecks(
      platform,
      rows.map(({ id }) => id),
    ),
  );
  for (const { shard } of rows) plan.shards.add(shard);
}

function leaveOrRemoveHost(
  { platform, plan }: World,
  ours: HostRow,
  rows: readonly CheckRow[],
  replace: boolean,
): void {
  plan.changes.push({ what: 'host', name: nameOf(ours), change: replace ? 'removed' : 'left' });
  if (!replace) return;
  plan.statements.push(...removeChecksOf(platform, ours.id), {
    sql: 'delete from host where id = ?',
    args: [ours.id],
  });
  for (const { shard } of rows) plan.shards.add(shard);
}

/** The rows of what is new, in bulk; `places` are for the checks, in their order. */
export function insertStatements(
  { newHosts, newChecks }: HostsPlan,
  places: readonly Place[],
): InStatement[] {
  const hosts = newHosts.map(({ id, name, group, paused, tags, createdAt }) => [
    id,
    name,
    group,
    paused ? 1 : 0,
    tags,
    createdAt,
  ]);
  const checks = newChecks.map(({ id, hostId, draft, placing, createdAt }, index) => {
    const { shard, position } = places[index] as Place;
    return {
      ...draft,
      mustReportMs: mustReportMsOf(draft),
      spec: null,
      ...placing,
      paused: draft.paused ? 1 : 0,
      ...{ id, hostId, shard, position, createdAt },
    };
  });
  return [
    ...slices(hosts).map((slice) => ({
      sql: `insert into host (id, name, group_name, paused, tags, created_at)
            select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value -> 4, value ->> 5 from json_each(?)`,
      args: [JSON.stringify(slice)],
    })),
    ...slices(checks).map((slice) => ({
      sql: `insert into check_ (id, host_id, name, kind, target, config, interval_ms, timeout_ms, retry_after_ms,
              failures, successes, policy, locations, runner_id, paused, must_report_ms, schedule, tags, shard, position, rev, changed_version, created_at)
            select value ->> 'id', value ->> 'hostId', value ->> 'name', value ->> 'kind', value ->> 'target',
              value -> 'config', value ->> 'intervalMs', value ->> 'timeoutMs', value ->> 'retryAfterMs',
              value ->> 'failures', value ->> 'successes', value -> 'policy', nullif(value -> 'locations', 'null'),
              value ->> 'runnerId', value ->> 'paused', value ->> 'mustReportMs', nullif(value -> 'schedule', 'null'), value -> 'tags', value ->> 'shard', value ->> 'position',
              coalesce((select x.rev from check_ x where x.shard = value ->> 'shard' and x.position = value ->> 'position'
                order by x.id desc limit 1), 0) % 65535 + 1,
              ${CONFIG_VERSION_SQL}, value ->> 'createdAt' from json_each(?)`,
      args: [JSON.stringify(slice)],
    })),
  ];
}

/** After the plans: jobs go on calling the addresses they know, unless the check has one already. */
export function addressStatements({ addressHashes, checkIds }: HostsPlan): InStatement[] {
  if (addressHashes.size === 0) return [];
  const hashes = [...addressHashes].map(([theirs, hash]) => [checkIds.get(theirs), hash]);
  return [
    {
      sql: `update or ignore answered set token_hash = j.value ->> 1 from json_each(?) j
            where answered.check_id = j.value ->> 0 and answered.token_hash is null`,
      args: [JSON.stringify(hashes)],
    },
  ];
}

const SLICE = 500;

function slices<T>(all: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < all.length; at += SLICE) parts.push(all.slice(at, at + SLICE));
  return parts;
}
