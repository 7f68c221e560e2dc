// What the page of a host shows of checks that Anyup answers itself.
import { type GroupSpec, membersOf } from '#core/checks/group.ts';
import { isWorkerKind } from '#core/checks/index.ts';
import type { AnsweredModel, MemberModel } from '#web/adminModels.ts';
import type { HostModel as HostStatus } from '#web/models.ts';
import { checkName } from '#web/words.ts';
import type { HostModel } from '#worker/actions/hosts/model.ts';
import { answerOf } from '#worker/answers/index.ts';

/** By check; `all` is how everything stands. */
export function answeredOf(
  { checks, heartbeats = [] }: HostModel,
  all: readonly HostStatus[],
): Map<number, AnsweredModel> {
  const answered = new Map<number, AnsweredModel>();
  for (const check of checks) {
    if (!isWorkerKind(check.kind)) continue;
    const { looksAtOthers, isSet } = answerOf(check.kind);
    answered.set(check.id, {
      isSet,
      heartbeat: heartbeats.find(({ checkId }) => checkId === check.id),
      ...(looksAtOthers && { members: membersIn(check as unknown as GroupSpec, all) }),
    });
  }
  return answered;
}

function membersIn(spec: GroupSpec, all: readonly HostStatus[]): MemberModel[] {
  return membersOf(spec).map(({ of, id, weight }): MemberModel => {
    const host = all.find((each) =>
      of === 'host' ? each.id === id : each.checks.some((check) => check.id === id),
    );
    const check = of === 'check' ? host?.checks.find((each) => each.id === id) : undefined;
    const found = check ?? host;
    if (!host || !found)
      return { name: `${of} ${id} is gone`, hostId: null, status: 'unknown', weight };
    const name = check && host.checks.length > 1 ? `${host.name} / ${checkName(check)}` : host.name;
    const status = host.paused || found.paused ? 'paused' : found.status;
    return { name, hostId: host.id, status, weight };
  });
}
