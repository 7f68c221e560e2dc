import * as z from 'zod';
import { bumpConfig, fleetStatement, planStatements } from '#db/plan.ts';
import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { idField, nameField, tagsField } from '../fields.ts';
import { parseInput, refuseField } from '../parse.ts';
import { permit } from '../permit.ts';
import type { LocationModel } from './model.ts';
import { readLocations } from './read.ts';

export const locationPatch = z.strictObject({
  id: idField,
  name: nameField(64).optional(),
  enabled: z.boolean().optional(),
  tags: tagsField.optional(),
});

/** Renames, tags, or takes it out of judging (a disabled location is not counted, not even as missing). */
export async function updateLocation(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<LocationModel> {
  permit(actor, 'owner');
  const { id, ...patch } = parseInput(locationPatch, input);
  const locations = await readLocations(platform);
  const before = locations.find((each) => each.id === id);
  if (!before) throw new Problem('not_found', { detail: `There is no location ${id}.` });
  const name = patch.name ?? before.name;
  const enabled = patch.enabled ?? before.enabled;
  if (locations.some((each) => each.id !== id && each.name === name)) {
    throw refuseField('name', `"${name}" is the name of another location`);
  }
  const tags = patch.tags ?? before.tags;
  const after = { ...before, name, enabled, tags };
  const shards = patch.tags === undefined ? [] : await shardsInUse(platform);
  await write(platform.db, [
    {
      sql: 'update location set name = ?, enabled = ?, tags = ? where id = ?',
      args: [name, enabled ? 1 : 0, JSON.stringify(tags), id],
    },
    ...bumpConfig([id]),
    fleetStatement,
    ...shards.flatMap(planStatements),
    auditRow(platform, actor, {
      action: 'location.update',
      subject: `location ${id} (${name})`,
      before,
      after,
    }),
  ]);
  return after;
}

/** Checks that name places by tags may be anywhere: all plans are packed anew. */
async function shardsInUse(platform: Platform): Promise<number[]> {
  const { rows } = await platform.db.$client.execute('select id from shard');
  return rows.map((row) => Number(row.id));
}
