// What a group may be made of: checks and hosts that are there, and nothing that is made of the group itself.
import { type GroupSpec, membersOf } from '#core/checks/group.ts';
import { isWorkerKind, shownTarget } from '#core/checks/index.ts';
import { loopFrom } from '#core/grouping.ts';
import { LOOKING_AT_OTHERS } from '#worker/answers/index.ts';
import type { Platform } from '#worker/platform.ts';
import { type FieldError, Problem } from '#worker/problem.ts';
import type { CheckDraft } from './draft.ts';

/** A check as it is to be written; `id` null = it is new. */
export interface Wanted {
  id: number | null;
  draft: CheckDraft;
}

interface Known {
  id: number;
  hostId: number;
  name: string;
  /** What it is made of; null = it looks at no others. */
  spec: GroupSpec | null;
}

/** Refuses with the path of each member that is not there or that comes back to its group. `hostId` null = a new host. */
export async function refuseBadMembers(
  platform: Platform,
  hostId: number | null,
  wanted: readonly Wanted[],
): Promise<void> {
  if (!wanted.some(({ draft }) => looksAtOthers(draft.kind))) return;
  // All checks of the host are written at once: those that are not named are gone.
  const others = (await readAll(platform)).filter((each) => each.hostId !== hostId);
  const own = wanted.map(({ id, draft }, index): Known => {
    const spec = looksAtOthers(draft.kind) ? (draft.spec as unknown as GroupSpec) : null;
    return {
      id: id ?? -1 - index,
      hostId: hostId ?? -1,
      name: draft.name || shownTarget(draft.kind, draft.target),
      spec,
    };
  });
  const all = [...others, ...own];
  const errors = own.flatMap((each, index) =>
    each.spec === null ? [] : wrongMembers(each, all, `checks[${index}].members`),
  );
  if (errors.length > 0) throw new Problem('invalid_input', { errors });
}

/** Is a check of this kind made of other checks? */
export function looksAtOthers(kind: string): boolean {
  return isWorkerKind(kind) && LOOKING_AT_OTHERS.includes(kind);
}

async function readAll({ db }: Platform): Promise<Known[]> {
  const { rows } = await db.$client.execute(
    `select c.id, c.host_id, c.kind, c.config, c.name, c.target, h.name as host
     from check_ c join host h on h.id = c.host_id where c.deleted_at is null`,
  );
  return rows.map((row) => ({
    id: Number(row.id),
    hostId: Number(row.host_id),
    name: `${row.host} / ${row.name || shownTarget(String(row.kind), String(row.target))}`,
    spec: looksAtOthers(String(row.kind)) ? (JSON.parse(String(row.config)) as GroupSpec) : null,
  }));
}

function wrongMembers({ id, spec }: Known, all: readonly Known[], at: string): FieldError[] {
  const byId = new Map(all.map((each) => [each.id, each]));
  const checksOf = (member: ReturnType<typeof membersOf>[number]) =>
    all.filter((each) => (member.of === 'check' ? each.id : each.hostId) === member.id);
  const madeOf = (checkId: number): number[] => {
    const made = byId.get(checkId)?.spec ?? null;
    return made === null
      ? []
      : membersOf(made)
          .flatMap(checksOf)
          .map((each) => each.id);
  };
  return membersOf(spec as GroupSpec).flatMap((member, index): FieldError[] => {
    const path = `${at}[${index}]`;
    const checks = checksOf(member);
    if (checks.length === 0) {
      return [{ path, message: `there is no ${member.of} ${member.id}${hint(member.of)}` }];
    }
    const only = (checkId: number) =>
      checkId === id ? checks.map((each) => each.id) : madeOf(checkId);
    const way = loopFrom(id, only);
    if (way === null) return [];
    const names = way.map((each) => byId.get(each)?.name ?? `check ${each}`).join(' → ');
    return [{ path, message: `would make it a member of itself: ${names}` }];
  });
}

function hint(of: 'check' | 'host'): string {
  return of === 'host'
    ? ' with a check; its id stands in the address of its page'
    : '; "host:…" takes all checks of a host';
}
