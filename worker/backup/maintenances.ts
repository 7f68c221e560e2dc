// Planned work, by all it says.
import type { InStatement } from '@libsql/client';
import { listOf } from '#worker/actions/maintenances/create.ts';
import { refuseField } from '#worker/actions/parse.ts';
import { remake } from '#worker/history/cursor.ts';
import type { Platform } from '#worker/platform.ts';
import type { BackupDocument } from './document.ts';
import type { Here } from './here.ts';
import { key, type PartPlan, pair } from './match.ts';

type Wanted = BackupDocument['maintenances'][number];

export function planMaintenances(
  { now }: Platform,
  document: BackupDocument,
  here: Here,
  hostIds: ReadonlyMap<number, number>,
  replace: boolean,
): PartPlan & { statements: InStatement[] } {
  const plan = { changes: [], warnings: [], statements: [] } as ReturnType<typeof planMaintenances>;
  const wanted = document.maintenances.map((each, index): Wanted => {
    const hosts = each.hosts?.map((id, at) => {
      const mapped = hostIds.get(id);
      if (mapped !== undefined) return mapped;
      throw refuseField(
        `maintenances[${index}].hosts[${at}]`,
        `is ${id}; no host of the backup has this id`,
      );
    });
    return { ...each, hosts: hosts ?? null };
  });
  const keyOf = ({ title, note, hosts, groups, from, until }: Wanted) =>
    key(title, note, listOf(hosts) ?? '', listOf(groups) ?? '', from, until);
  const { pairs, left } = pair(wanted, here.maintenances, keyOf, keyOf);
  for (const { theirs, ours } of pairs) {
    const { title: name, note, hosts, groups, from, until } = theirs;
    plan.changes.push({ what: 'maintenance', name, change: ours ? 'left' : 'created' });
    if (ours) continue;
    plan.statements.push(
      {
        sql: `insert into maintenance (title, note, hosts, groups, from_at, until_at, created_at, changed_at)
              values (?, ?, ?, ?, ?, ?, ?, ?)`,
        args: [name, note, listOf(hosts), listOf(groups), from, until, now(), now()],
      },
      ...countedAnew(theirs, now()),
    );
  }
  for (const ours of left) {
    const change = replace ? ('removed' as const) : ('left' as const);
    plan.changes.push({ what: 'maintenance', name: ours.title, change });
    if (!replace) continue;
    plan.statements.push(
      { sql: 'delete from maintenance where id = ?', args: [ours.id] },
      ...countedAnew(ours, now()),
    );
  }
  return plan;
}

function countedAnew({ from, until }: { from: number; until: number }, now: number): InStatement[] {
  return from < now ? [remake({ fromAt: from, toAt: Math.min(until, now) })] : [];
}
