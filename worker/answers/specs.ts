// What the checks are that the worker answers, and what groups are made of; kept in the isolate until the configuration
// changes.

import { type GroupSpec, membersOf } from '#core/checks/group.ts';
import type { SpecOf, WorkerKind } from '#core/checks/index.ts';
import { isWorkerKind, shownTarget, workerKindOf } from '#core/checks/index.ts';
import type { MemberState } from '#core/grouping.ts';
import { type Level, worstLevel } from '#core/level.ts';
import type { Platform } from '#worker/platform.ts';

/** A check that may be a member. */
interface Known {
  checkId: number;
  hostId: number;
  hostName: string;
  /** With the name of its host. */
  name: string;
  paused: boolean;
}

export interface Specs {
  version: number;
  /** By check. */
  specs: Map<number, SpecOf<WorkerKind>>;
  /** Only where something looks at others. */
  known: Known[];
}

const cache = new WeakMap<object, Specs>();

/** As of a configuration version or a later one. */
export async function specsOf(
  platform: Platform,
  version: number,
  withOthers: boolean,
): Promise<Specs> {
  const held = cache.get(platform.db.$client);
  if (held && held.version >= version && (held.known.length > 0 || !withOthers)) return held;
  const [checks, others] = await platform.db.$client.batch(
    [
      'select c.id, c.kind, c.config from answered a join check_ c on c.id = a.check_id',
      {
        sql: `select c.id, c.host_id, h.name as host, c.name, c.kind, c.target, c.paused or h.paused as paused,
                (select count(*) from check_ o where o.host_id = h.id and o.deleted_at is null) as siblings
              from check_ c join host h on h.id = c.host_id where c.deleted_at is null and ?`,
        args: [withOthers ? 1 : 0],
      },
    ],
    'read',
  );
  const specs: Specs['specs'] = new Map();
  for (const row of checks?.rows ?? []) {
    const kind = String(row.kind);
    if (!isWorkerKind(kind)) continue;
    const { kind: _, ...fields } = JSON.parse(String(row.config)) as Record<string, unknown>;
    const parsed = workerKindOf(kind)?.schema.safeParse(fields);
    if (parsed?.success) specs.set(Number(row.id), parsed.data as SpecOf<WorkerKind>);
  }
  const known = (others?.rows ?? []).map((row): Known => {
    const own = String(row.name) || shownTarget(String(row.kind), String(row.target));
    const hostName = String(row.host);
    return {
      checkId: Number(row.id),
      hostId: Number(row.host_id),
      hostName,
      name: Number(row.siblings) > 1 ? `${hostName} / ${own}` : hostName,
      paused: Number(row.paused) === 1,
    };
  });
  const read = { version, specs, known };
  cache.set(platform.db.$client, read);
  return read;
}

/** The members of a group as they are held to be; those that are paused or gone do not count. */
export function memberStates(
  spec: GroupSpec,
  { known }: Specs,
  levelOf: (checkId: number) => Level | null,
): MemberState[] {
  return membersOf(spec).flatMap(({ of, id, weight }): MemberState[] => {
    const checks = known.filter(
      (each) => !each.paused && (of === 'check' ? each.checkId === id : each.hostId === id),
    );
    const [first] = checks;
    if (!first) return [];
    const level = worstLevel(checks.map(({ checkId }) => levelOf(checkId)));
    return [{ name: of === 'check' ? first.name : first.hostName, weight, level }];
  });
}
