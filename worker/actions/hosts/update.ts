import * as z from 'zod';
import { inferTarget, KINDS } from '#core/checks/index.ts';
import { parseDuration } from '#core/duration.ts';
import type { Place } from '#db/place.ts';
import { bumpConfig, CONFIG_VERSION_SQL, planStatement } from '#db/plan.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { idField, nameField } from '../fields.ts';
import { parseInput, refuseField } from '../parse.ts';
import { permit } from '../permit.ts';
import { type FleetNames, readFleet } from './fleet.ts';
import { type CheckDraft, checkInput, checkPatch, draftOf, groupField } from './input.ts';
import type { CheckModel, HostAnswer, HostModel } from './model.ts';
import { type Placing, placingOf } from './placing.ts';
import { type CheckRow, readCheckRows, readHosts } from './read.ts';
import { insertCheck, removeChecks, updateCheck } from './statements.ts';
import { writePlaced } from './writePlaced.ts';

/** `checks` is the whole list: existing ones by `id`, new ones without, those left out are removed. */
export const hostPatch = z.strictObject({
  id: idField,
  name: nameField().optional(),
  group: groupField.optional(),
  paused: z.boolean().optional(),
  checks: z.array(checkPatch).min(1).max(100).optional(),
});

type Patch = z.output<typeof hostPatch>;

/** One check after the change; `row` is what it was, null = new. */
interface Changed {
  draft: CheckDraft;
  placing: Placing;
  row: CheckRow | null;
}

/** Name, group, pause (`paused`) and checks of a host; what is not named stays. */
export async function updateHost(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<HostAnswer> {
  permit(actor, 'editor');
  const patch = parseInput(hostPatch, input);
  const [before] = await readHosts(platform, patch.id);
  if (!before) throw new Problem('not_found', { detail: `There is no host ${patch.id}.` });
  const changed = patch.checks && (await understood(platform, before, patch));
  await store(platform, actor, before, patch, changed ?? null);
  const [host] = await readHosts(platform, patch.id);
  if (!host) throw new Problem('conflict', { detail: 'The host was removed meanwhile.' });
  return { host, warnings: (changed ?? []).flatMap(({ placing }) => placing.warnings) };
}

async function understood(platform: Platform, before: HostModel, patch: Patch): Promise<Changed[]> {
  const given = patch.checks ?? [];
  const rows = await readCheckRows(platform, before.id);
  const ids = given.map((each, index) => knownId(each.id, before, index));
  if (new Set(ids.filter((id) => id !== null)).size < ids.filter((id) => id !== null).length) {
    throw refuseField('checks', 'names the same check twice');
  }
  const merged = given.map((each, index) =>
    overlay(before.checks.find(({ id }) => id === ids[index]) ?? null, each),
  );
  const { checks } = parseInput(z.strictObject({ checks: z.array(checkInput) }), {
    checks: merged,
  });
  const fleet: FleetNames = await readFleet(platform);
  return checks.map(draftOf).map((draft, index) => ({
    draft,
    placing: placingOf(draft, fleet, `checks[${index}]`),
    row: rows.find(({ id }) => id === ids[index]) ?? null,
  }));
}

function knownId(id: number | undefined, host: HostModel, index: number): number | null {
  if (id === undefined) return null;
  if (host.checks.some((check) => check.id === id)) return id;
  throw refuseField(`checks[${index}].id`, `${id} is not a check of this host`);
}

/** What was, with what is given over it; null takes a field away. A new target brings its own kind unless one is named. */
function overlay(
  was: CheckModel | null,
  { id: _, ...given }: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { id: __, ...base } = (was ?? {}) as Record<string, unknown>;
  const means = typeof given.target === 'string' ? inferTarget(given.target)?.kind : was?.kind;
  const kind = given.kind ?? means;
  const dropped = was && kind !== was.kind ? Object.keys(KINDS[was.kind].fields.shape) : [];
  if (outlasts(base.timeout, given.interval)) dropped.push('timeout');
  const kept = Object.entries(base).filter(
    ([name]) => name === 'target' || !dropped.includes(name),
  );
  const merged = { ...Object.fromEntries(kept), ...given, kind };
  return Object.fromEntries(
    Object.entries(merged).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** A timeout that was right for a longer interval gives way to the default. */
function outlasts(timeout: unknown, interval: unknown): boolean {
  return (parseDuration(String(timeout)) ?? 0) > (parseDuration(String(interval)) ?? Infinity);
}

async function store(
  platform: Platform,
  actor: Actor,
  before: HostModel,
  patch: Patch,
  changed: Changed[] | null,
): Promise<void> {
  const rows = await readCheckRows(platform, before.id);
  const fresh = (changed ?? []).filter(({ row }) => row === null);
  await writePlaced(platform, fresh.length, (places) => [
    ...bumpConfig(),
    ...hostStatements(before, patch),
    ...(changed ?? []).flatMap(({ draft, placing, row }) =>
      row === null || same(row, draft, placing)
        ? []
        : [updateCheck(platform, row.id, draft, placing, isRenewed(row, draft, placing))],
    ),
    ...removeChecks(platform, changed === null ? [] : leftOut(rows, changed)),
    ...fresh.map(({ draft, placing }, index) =>
      insertCheck(platform, before.id, draft, placing, places[index] as Place),
    ),
    auditRow(platform, actor, {
      action: 'host.update',
      subject: `host ${before.id} (${patch.name ?? before.name})`,
      before,
      after: { ...before, ...patch },
    }),
    ...[...new Set([...rows, ...places].map(({ shard }) => shard))].map(planStatement),
  ]);
}

function leftOut(rows: readonly CheckRow[], changed: readonly Changed[]): number[] {
  return rows.map(({ id }) => id).filter((id) => !changed.some(({ row }) => row?.id === id));
}

function hostStatements(before: HostModel, patch: Patch) {
  const { name = before.name, group = before.group, paused = before.paused } = patch;
  const update = {
    sql: 'update host set name = ?, group_name = ?, paused = ? where id = ?',
    args: [name, group, paused ? 1 : 0, before.id],
  };
  return paused === before.paused ? [update] : [update, touchChecks(before.id)];
}

/** Pausing a host changes what its checks' runners have to do. */
function touchChecks(hostId: number) {
  return {
    sql: `update check_ set changed_version = ${CONFIG_VERSION_SQL} where host_id = ? and deleted_at is null`,
    args: [hostId],
  };
}

/** Does what is measured, or how it is judged, change? Then views start anew. */
function isRenewed(row: CheckRow, draft: CheckDraft, { policy }: Placing): boolean {
  return (
    JSON.stringify(row.config) !== JSON.stringify(draft.config) ||
    JSON.stringify(row.policy) !== JSON.stringify(policy)
  );
}

function same(row: CheckRow, draft: CheckDraft, placing: Placing): boolean {
  return (
    !isRenewed(row, draft, placing) &&
    row.name === draft.name &&
    row.intervalMs === draft.intervalMs &&
    row.timeoutMs === draft.timeoutMs &&
    row.retryAfterMs === draft.retryAfterMs &&
    row.failures === draft.failures &&
    row.successes === draft.successes &&
    row.paused === draft.paused &&
    row.runnerId === placing.runnerId &&
    JSON.stringify(row.locations) === JSON.stringify(placing.locations)
  );
}
