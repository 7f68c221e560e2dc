import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { forgetPage } from '#worker/snapshot/memory.ts';
import { auditRow } from '../auditRow.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { type MaintenanceModel, maintenanceInput } from './model.ts';
import { followingStatements, refuseImpossible } from './store.ts';

/** Announces planned work, to come or over already. */
export async function createMaintenance(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<MaintenanceModel> {
  permit(actor, 'editor');
  const { from, ...said } = parseInput(maintenanceInput, input);
  const now = platform.now();
  const planned = { ...said, from: from ?? now };
  await refuseImpossible(platform, planned);
  const { title, note, hosts, groups, until } = planned;
  const results = await write(platform.db, [
    {
      sql: `insert into maintenance (title, note, hosts, groups, from_at, until_at, created_at, changed_at)
            values (?, ?, ?, ?, ?, ?, ?, ?) returning id`,
      args: [title, note, listOf(hosts), listOf(groups), planned.from, until, now, now],
    },
    ...followingStatements(platform, [planned]),
    auditRow(platform, actor, {
      action: 'maintenance.create',
      subject: { newest: 'maintenance', name: title },
      before: null,
      after: planned,
    }),
  ]);
  forgetPage(platform);
  return { id: Number(results[0]?.rows[0]?.id), ...planned };
}

export function listOf(list: readonly unknown[] | null): string | null {
  return list === null ? null : JSON.stringify(list);
}
