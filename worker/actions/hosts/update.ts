import type { Place } from '#db/place.ts';
import { bumpConfig, CONFIG_VERSION_SQL, fleetStatement, planStatements } from '#db/plan.ts';
import type { CheckRow } from '#db/rows/check.ts';
import { answerQuietly } from '#worker/answers/look.ts';
import { roomWarnings } from '#worker/here/warnings.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { CheckDraft } from './draft.ts';
import { withHeartbeats } from './heartbeats.ts';
import { refuseBadMembers } from './members.ts';
import type { HostAnswer, HostModel } from './model.ts';
import { type Changed, changedChecks, type HostPatch, hostPatch } from './patch.ts';
import type { Placing } from './placing.ts';
import { readCheckRows, readHosts } from './read.ts';
import { insertCheck, removeChecks, updateCheck } from './statements.ts';
import { writePlaced } from './writePlaced.ts';

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
  const changed = await changedChecks(platform, before, patch);
  const wanted = (changed ?? []).map(({ row, draft }) => ({ id: row?.id ?? null, draft }));
  await refuseBadMembers(platform, before.id, wanted);
  await store(platform, actor, before, patch, changed);
  const [host] = await withHeartbeats(platform, await readHosts(platform, patch.id));
  if (!host) throw new Problem('conflict', { detail: 'The host was removed meanwhile.' });
  platform.defer(() => answerQuietly(platform));
  const placings = (changed ?? []).map(({ placing }) => placing);
  const warnings = placings.flatMap((placing) => placing.warnings);
  return { host, warnings: [...warnings, ...(await roomWarnings(platform, placings))] };
}

async function store(
  platform: Platform,
  actor: Actor,
  before: HostModel,
  patch: HostPatch,
  changed: Changed[] | null,
): Promise<void> {
  const rows = await readCheckRows(platform, before.id);
  const fresh = (changed ?? []).filter(({ row }) => row === null);
  await writePlaced(platform, fresh.length, (places) => [
    ...bumpConfig(),
    ...hostStatements(before, patch),
    ...(changed ?? []).flatMap(({ draft, placing, row }) =>
      row === null || isSame(row, draft, placing)
        ? []
        : [updateCheck(row.id, draft, placing, isRenewed(row, draft, placing))],
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
    ...[...new Set([...rows, ...places].map(({ shard }) => shard))].flatMap(planStatements),
    // Planned work may be for its group.
    ...(patch.group === undefined || patch.group === before.group ? [] : [fleetStatement]),
  ]);
}

function leftOut(rows: readonly CheckRow[], changed: readonly Changed[]): number[] {
  return rows.map(({ id }) => id).filter((id) => !changed.some(({ row }) => row?.id === id));
}

function hostStatements(before: HostModel, patch: HostPatch) {
  const { name = before.name, group = before.group, paused = before.paused } = patch;
  const { tags = before.tags } = patch;
  const update = {
    sql: 'update host set name = ?, group_name = ?, tags = ?, paused = ? where id = ?',
    args: [name, group, JSON.stringify(tags), paused ? 1 : 0, before.id],
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
export function isRenewed(row: CheckRow, draft: CheckDraft, { policy }: Placing): boolean {
  return (
    JSON.stringify(row.config) !== JSON.stringify(draft.config) ||
    JSON.stringify(row.policy) !== JSON.stringify(policy)
  );
}

/** Is a stored check already what is wanted? */
export function isSame(row: CheckRow, draft: CheckDraft, placing: Placing): boolean {
  return (
    !isRenewed(row, draft, placing) &&
    row.name === draft.name &&
    row.intervalMs === draft.intervalMs &&
    JSON.stringify(row.schedule) === JSON.stringify(draft.schedule) &&
    JSON.stringify(row.tags) === JSON.stringify(draft.tags) &&
    row.timeoutMs === draft.timeoutMs &&
    row.retryAfterMs === draft.retryAfterMs &&
    row.failures === draft.failures &&
    row.successes === draft.successes &&
    row.paused === draft.paused &&
    row.runnerId === placing.runnerId &&
    JSON.stringify(row.locations) === JSON.stringify(placing.locations)
  );
}
