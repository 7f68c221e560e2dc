import * as z from 'zod';
import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { forgetPage } from '#worker/snapshot/memory.ts';
import { auditRow } from '../auditRow.ts';
import { idField } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { listOf } from './create.ts';
import { type MaintenanceModel, maintenanceFields } from './model.ts';
import { readMaintenance } from './read.ts';
import { followingStatements, refuseImpossible } from './store.ts';

const { title, note, hosts, groups, until, from } = maintenanceFields;

export const maintenancePatch = z.strictObject({
  id: idField,
  title: title.optional(),
  note: note.unwrap().optional(),
  hosts: hosts.unwrap().optional(),
  groups: groups.unwrap().optional(),
  from,
  until: until.optional(),
});

/** What is not named stays. */
export async function updateMaintenance(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<MaintenanceModel> {
  permit(actor, 'editor');
  const { id, ...patch } = parseInput(maintenancePatch, input);
  const before = await readMaintenance(platform, id);
  const named = Object.entries(patch).filter(([, value]) => value !== undefined);
  const after: MaintenanceModel = { ...before, ...Object.fromEntries(named) };
  await refuseImpossible(platform, after, before);
  await write(platform.db, [
    {
      sql: `update maintenance set title = ?, note = ?, hosts = ?, groups = ?, from_at = ?, until_at = ?, changed_at = ?
            where id = ?`,
      args: [
        after.title,
        after.note,
        listOf(after.hosts),
        listOf(after.groups),
        after.from,
        after.until,
        platform.now(),
        id,
      ],
    },
    ...followingStatements(platform, [before, after]),
    auditRow(platform, actor, {
      action: 'maintenance.update',
      subject: `maintenance ${id} (${after.title})`,
      before,
      after,
    }),
  ]);
  forgetPage(platform);
  return after;
}
