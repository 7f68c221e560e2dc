// What is held true right now, as `GET /api/v1/status` and the status page tell it.

import { isSilent } from '#core/fleet.ts';
import { type Level, type Status, statusOf, worstLevel } from '#core/level.ts';
import { type MissingReason, merge, type Verdict } from '#core/merge.ts';
import { explainVerdict } from '#core/message.ts';
import { type Hearing, hearing } from '#core/pulse.ts';
import { publicReason } from '#core/reason.ts';
import { shardOfViewKey } from '#db/db.ts';
import {
  type Configuration,
  type Fleet,
  type PlannedCheck,
  parseFleet,
  parsePlan,
} from '#db/plan.ts';
import { type HeldState, parseStates } from '#db/states.ts';
import { VIEW_COLUMNS, type ViewRecord, viewRecord } from '#db/views.ts';
import { locationViews } from '#worker/judge/decide.ts';
import type { Platform } from '#worker/platform.ts';

export interface LocationStatus {
  location: string;
  status: Status;
  level: Level | null;
  rttUs: number | null;
  /** Newest reading, epoch ms; null = none. */
  at: number | null;
  /** Why it has no vote; null when it has one. */
  missing: MissingReason | null;
  reason: ReasonText;
}

/** A stable code with words; without the right to details the words name no address. */
export interface ReasonText {
  code: string;
  text: string;
}

export interface CheckStatus {
  id: number;
  name: string;
  kind: string;
  /** Empty without the right to details. */
  target: string;
  status: Status;
  level: Level | null;
  rttUs: number | null;
  /** When the status began; null while it never had one. */
  since: number | null;
  reason: ReasonText;
  /** Who sees what, in one sentence. */
  sentence: string;
  disputed: boolean;
  paused: boolean;
  locations: LocationStatus[];
}

export interface HostStatus {
  id: number;
  name: string;
  group: string;
  status: Status;
  level: Level | null;
  since: number | null;
  paused: boolean;
  checks: CheckStatus[];
}

export interface StatusModel {
  status: Status;
  level: Level | null;
  asOf: number;
  hosts: HostStatus[];
  /** Runners that may work, and those of them not heard of for too long. */
  runners: { active: number; silent: number };
}

/** Reads everything the page shows in one batch. `reveal`: addresses and particulars too. */
export async function readStatus(
  platform: Platform,
  { reveal }: { reveal: boolean },
): Promise<StatusModel> {
  const now = platform.now();
  const [hosts, checks, plans, states, views, fleetRow, pulseRow] = await platform.db.$client.batch(
    [
      'select id, name, group_name, paused from host order by group_name, name, id',
      'select id, host_id, name, kind, target, shard, paused from check_ where deleted_at is null order by id',
      'select id, plan from shard',
      'select shard, body from shard_state',
      `select ${VIEW_COLUMNS} from view v`,
      `select value from setting where key = 'fleet'`,
      'select tick_at, grace_until_at, frozen_at from pulse where id = 1',
    ],
    'read',
  );
  const fleet = parseFleet(fleetRow?.rows[0]?.value as string | undefined);
  const beat = pulseRow?.rows[0];
  const heard = hearing(
    {
      tickAt: Number(beat?.tick_at ?? 0),
      graceUntilAt: Number(beat?.grace_until_at ?? 0),
      frozenAt: Number(beat?.frozen_at ?? 0),
    },
    now,
  );
  const flushMs = fleet.flushMs ?? platform.config.flushMs;
  const planned = new Map<number, PlannedCheck>();
  for (const row of plans?.rows ?? []) {
    for (const check of parsePlan(String(row.plan)).byId.values())
      planned.set(check.checkId, check);
  }
  const held = new Map<number, HeldState>();
  for (const row of states?.rows ?? []) {
    for (const [id, state] of parseStates(String(row.body))) held.set(id, state);
  }
  const byShard = new Map<number, ViewRecord[]>();
  for (const row of views?.rows ?? []) {
    const shard = shardOfViewKey(Number(row.k));
    byShard.set(shard, [...(byShard.get(shard) ?? []), viewRecord(row)]);
  }
  const byHost = new Map<number, CheckStatus[]>();
  for (const row of checks?.rows ?? []) {
    const check = planned.get(Number(row.id));
    if (!check) continue;
    const told = checkStatus({
      check,
      state: held.get(check.checkId),
      records: byShard.get(Number(row.shard)) ?? [],
      fleet,
      flushMs,
      heard,
      reveal,
      name: String(row.name),
      kind: String(row.kind),
      target: String(row.target),
      paused: Number(row.paused) === 1,
    });
    const hostId = Number(row.host_id);
    byHost.set(hostId, [...(byHost.get(hostId) ?? []), told]);
  }
  const told = (hosts?.rows ?? []).map((row) =>
    hostStatus(
      {
        id: Number(row.id),
        name: String(row.name),
        group: String(row.group_name),
        paused: Number(row.paused) === 1,
      },
      byHost.get(Number(row.id)) ?? [],
    ),
  );
  const level = worstLevel(told.map((host) => (host.paused ? null : host.level)));
  return {
    status: statusOf(level),
    level,
    asOf: now,
    hosts: told,
    runners: countRunners(fleet, [...byShard.values()].flat(), flushMs, heard),
  };
}

function countRunners(
  fleet: Fleet,
  records: readonly ViewRecord[],
  flushMs: number,
  heard: Hearing,
): StatusModel['runners'] {
  const active = fleet.runners.filter(
    ({ status, locationId }) => status === 'active' && locationId !== null,
  );
  const heardOf = new Map<number, number>();
  for (const { runnerId, postedAt } of records) {
    heardOf.set(runnerId, Math.max(heardOf.get(runnerId) ?? 0, postedAt));
  }
  const silent = active.filter(({ id }) => isSilent(heardOf.get(id) ?? 0, heard.judgedAt, flushMs));
  return { active: active.length, silent: silent.length };
}

interface CheckInput {
  check: PlannedCheck;
  state: HeldState | undefined;
  records: readonly ViewRecord[];
  fleet: Fleet;
  flushMs: number;
  heard: Hearing;
  reveal: boolean;
  name: string;
  kind: string;
  target: string;
  paused: boolean;
}

function checkStatus(input: CheckInput): CheckStatus {
  const { check, state, records, fleet, flushMs, heard, reveal } = input;
  const configuration: Configuration = { version: 0, plan: { byId: new Map() }, fleet };
  const locations = locationViews(check, records, configuration, flushMs, heard);
  const { policy, intervalMs } = check;
  const verdict = merge({ policy, locations, intervalMs, now: heard.judgedAt });
  const nameOf = (id: number) =>
    fleet.locations.find((each) => each.id === id)?.name ?? `location ${id}`;
  // The state decides; the verdict of this moment only fills in RTT and who says what.
  const status = state?.status ?? 'unknown';
  return {
    id: check.checkId,
    name: input.name,
    kind: input.kind,
    target: reveal ? input.target : '',
    status,
    level: state?.level ?? null,
    rttUs: verdict.status === status ? verdict.rttUs : null,
    since: state?.sinceAt || null,
    reason: reasonText(state?.code ?? '', state?.text ?? '', reveal),
    sentence: input.paused ? 'paused' : explainVerdict(asHeld(verdict, state), nameOf),
    disputed: state?.disputed ?? false,
    paused: input.paused,
    locations: verdict.locations.map((each) => ({
      location: nameOf(each.locationId),
      status: each.status,
      level: each.level,
      rttUs: each.rttUs,
      at: each.at === 0 ? null : each.at,
      missing: each.missing,
      reason: reasonText(each.code, each.text, reveal),
    })),
  };
}

/** The verdict with the status that is held, so that the sentence never contradicts it. */
function asHeld(verdict: Verdict, state: HeldState | undefined): Verdict {
  if (!state || state.status === verdict.status) return verdict;
  return {
    ...verdict,
    status: state.status,
    level: state.level,
    rule: state.rule as Verdict['rule'],
  };
}

function reasonText(code: string, text: string, reveal: boolean): ReasonText {
  if (code === '' || code === 'ok') return { code, text: reveal ? text : '' };
  return { code, text: reveal && text !== '' ? text : publicReason(code) };
}

function hostStatus(
  host: { id: number; name: string; group: string; paused: boolean },
  checks: CheckStatus[],
): HostStatus {
  const level = worstLevel(checks.filter(({ paused }) => !paused).map((check) => check.level));
  const deciding = checks.filter((check) => check.level === level && !check.paused);
  const since = deciding.flatMap((check) => (check.since === null ? [] : [check.since]));
  return {
    ...host,
    status: statusOf(level),
    level,
    since: since.length > 0 ? Math.min(...since) : null,
    checks,
  };
}
