import type { InStatement } from '@libsql/client';
import type { Platform } from '#worker/platform.ts';
import type { BackupDocument } from './document.ts';
import type { Here } from './here.ts';
import { differing, type PartPlan, pair } from './match.ts';

export interface LocationsPlan extends PartPlan {
  /** As they will be. */
  after: Array<Here['locations'][number]>;
  /** From ids of the backup to ids here. */
  ids: Map<number, number>;
  statements: InStatement[];
  /** Locations whose runners must fetch everything anew. */
  resync: number[];
}

/** Locations by name. They keep their ids where those are free: history tells them by number. */
export function planLocations(
  platform: Platform,
  document: BackupDocument,
  here: Here,
  replace: boolean,
): LocationsPlan {
  const { pairs, left } = pair(
    document.locations,
    here.locations,
    ({ name }) => name,
    ({ name }) => name,
  );
  const taken = new Set(here.locations.map(({ id }) => id));
  const plan: LocationsPlan = {
    changes: [],
    warnings: [],
    after: [],
    ids: new Map(),
    statements: [],
    resync: [],
  };
  for (const { theirs, ours } of pairs) {
    const { name, enabled, tags = ours?.tags ?? [] } = theirs;
    const id = ours?.id ?? freeId(theirs.id, taken, here);
    taken.add(id);
    plan.ids.set(theirs.id, id);
    const createdAt = ours?.createdAt ?? theirs.createdAt ?? platform.now();
    plan.after.push({ id, name, enabled, tags, createdAt });
    const fields = ours
      ? differing({ enabled: ours.enabled, tags: ours.tags }, { enabled, tags })
      : [];
    if (ours && fields.length === 0) {
      plan.changes.push({ what: 'location', name, change: 'left' });
      continue;
    }
    const change = ours ? ('changed' as const) : ('created' as const);
    plan.changes.push({ what: 'location', name, change, ...(ours && { fields }) });
    plan.resync.push(id);
    plan.statements.push({
      sql: `insert into location (id, name, enabled, tags, created_at) values (?, ?, ?, ?, ?)
            on conflict (id) do update set enabled = excluded.enabled, tags = excluded.tags`,
      args: [id, name, enabled ? 1 : 0, JSON.stringify(tags), createdAt],
    });
  }
  for (const ours of left) leaveOrRemove(plan, ours, here, replace);
  return plan;
}

function freeId(wanted: number, taken: ReadonlySet<number>, here: Here): number {
  if (!taken.has(wanted)) return wanted;
  for (;;) {
    const id = here.nextId('location');
    if (!taken.has(id)) return id;
  }
}

/** Checks that named it are gone with `replace`; where a runner stands it stays. */
function leaveOrRemove(
  plan: LocationsPlan,
  ours: Here['locations'][number],
  here: Here,
  replace: boolean,
): void {
  const { id, name } = ours;
  const standing = here.runners.some(({ locationId }) => locationId === id);
  if (!replace || standing) {
    plan.after.push(ours);
    plan.changes.push({ what: 'location', name, change: 'left' });
    return;
  }
  plan.changes.push({ what: 'location', name, change: 'removed' });
  plan.statements.push(
    { sql: 'update runner set location_id = null where location_id = ?', args: [id] },
    { sql: 'delete from join_code where location_id = ?', args: [id] },
    { sql: 'delete from location where id = ?', args: [id] },
  );
}
