import * as z from 'zod';
import { bumpConfig, CONFIG_VERSION_SQL, fleetStatement } from '#db/plan.ts';
import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { idField, nameField } from '../fields.ts';
import { ensureLocation } from '../locations/ensure.ts';
import { readLocations } from '../locations/read.ts';
import { parseInput, refuseField } from '../parse.ts';
import { permit } from '../permit.ts';
import type { RunnerModel } from './model.ts';
import { readRunners } from './read.ts';

export const runnerPatch = z.strictObject({
  id: idField,
  name: nameField(64).optional(),
  location: nameField(64).optional().meta({ description: 'made when there is none of that name' }),
  status: z
    .enum(['active', 'disabled'])
    .optional()
    .meta({ description: 'active also approves a runner that waits' }),
});

/** Renames, moves to another location, disables, enables or approves. */
export async function updateRunner(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<RunnerModel> {
  permit(actor, 'owner');
  const { id, ...patch } = parseInput(runnerPatch, input);
  const runners = await readRunners(platform);
  const before = runners.find((each) => each.id === id);
  if (!before) throw new Problem('not_found', { detail: `There is no runner ${id}.` });
  const after: RunnerModel = {
    ...before,
    name: patch.name ?? before.name,
    location: patch.location ?? before.location,
    status: patch.status ?? before.status,
  };
  refuseUnless(runners, before, after);
  const locations = await readLocations(platform);
  const touched = locations
    .filter(({ name }) => name === before.location || name === after.location)
    .map((each) => each.id);
  await write(platform.db, [
    ...(after.location === null ? [] : [ensureLocation(platform, after.location)]),
    ...bumpConfig(touched),
    {
      sql: `update runner set name = ?, status = ?, location_id = (select id from location where name = ?),
              config_version = ${CONFIG_VERSION_SQL}, resync_version = ${CONFIG_VERSION_SQL} where id = ?`,
      args: [after.name, after.status, after.location, id],
    },
    fleetStatement,
    auditRow(platform, actor, {
      action: 'runner.update',
      subject: `runner ${id} (${after.name})`,
      before: shown(before),
      after: shown(after),
    }),
  ]);
  const [updated] = await readRunners(platform, id);
  return updated ?? after;
}

function refuseUnless(
  runners: readonly RunnerModel[],
  before: RunnerModel,
  after: RunnerModel,
): void {
  if (before.status === 'revoked') {
    throw new Problem('conflict', { detail: 'A revoked runner stays revoked; let it join anew.' });
  }
  const taken = runners.some(
    ({ id, name, status }) => id !== after.id && name === after.name && status !== 'revoked',
  );
  if (after.name !== before.name && taken) {
    throw refuseField('name', `"${after.name}" is the name of another runner`);
  }
  if (after.status === 'active' && after.location === null) {
    throw refuseField('location', 'is missing; a runner has no vote before it stands somewhere');
  }
}

function shown({ name, location, status }: RunnerModel) {
  return { name, location, status };
}
