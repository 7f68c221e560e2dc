// A change to a host, laid over what it was.
import * as z from 'zod';
import { inferTarget, isWorkerKind, KINDS } from '#core/checks/index.ts';
import { parseDuration } from '#core/duration.ts';
import type { CheckRow } from '#db/rows/check.ts';
import type { Platform } from '#worker/platform.ts';
import { idField, nameField, tagsField } from '../fields.ts';
import { parseInput, refuseField } from '../parse.ts';
import { type CheckDraft, draftOf } from './draft.ts';
import { readFleet } from './fleet.ts';
import { checkInput, checkPatch, groupField } from './input.ts';
import type { CheckModel, HostModel } from './model.ts';
import { type Placing, placingOf } from './placing.ts';
import { readCheckRows } from './read.ts';

/** `checks` is the whole list: existing ones by `id`, new ones without, those left out are removed. */
export const hostPatch = z.strictObject({
  id: idField,
  name: nameField().optional(),
  group: groupField.optional(),
  tags: tagsField.optional(),
  paused: z.boolean().optional(),
  checks: z.array(checkPatch).min(1).max(100).optional(),
});

export type HostPatch = z.output<typeof hostPatch>;

/** One check after the change; `row` is what it was, null = new. */
export interface Changed {
  draft: CheckDraft;
  placing: Placing;
  row: CheckRow | null;
}

/** What a patch makes of the checks; null when it does not name them. Refuses with the path of each field. */
export async function changedChecks(
  platform: Platform,
  before: HostModel,
  patch: HostPatch,
): Promise<Changed[] | null> {
  const given = patch.checks;
  if (!given) return null;
  const rows = await readCheckRows(platform, before.id);
  const ids = given.map((each, index) => knownId(each.id, before, index));
  const kept = ids.filter((id) => id !== null);
  if (new Set(kept).size < kept.length) {
    throw refuseField('checks', 'names the same check twice');
  }
  const merged = given.map((each, index) =>
    overlay(before.checks.find(({ id }) => id === ids[index]) ?? null, each),
  );
  const { checks } = parseInput(z.strictObject({ checks: z.array(checkInput) }), {
    checks: merged,
  });
  const fleet = await readFleet(platform);
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
  if (isWorkerKind(String(kind))) dropped.push('interval');
  // Of two ways to say when it is due the one named now holds.
  if (given.interval != null && given.cron === undefined) dropped.push('cron', 'zone');
  if (given.cron === null) dropped.push('zone', 'interval');
  else if (given.cron !== undefined) dropped.push('interval');
  const kept = Object.entries(base).filter(
    ([name]) => name === 'target' || !dropped.includes(name),
  );
  const merged: Record<string, unknown> = { ...Object.fromEntries(kept), ...given, kind };
  // Read, and written back beside what it follows from.
  if (isWorkerKind(String(kind)) && merged.interval === base.interval) delete merged.interval;
  return Object.fromEntries(
    Object.entries(merged).filter(([, value]) => value !== null && value !== undefined),
  );
}

/** A timeout that was right for a longer interval gives way to the default. */
function outlasts(timeout: unknown, interval: unknown): boolean {
  return (parseDuration(String(timeout)) ?? 0) > (parseDuration(String(interval)) ?? Infinity);
}
