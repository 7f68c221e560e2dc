// One host: as bad as the worst of its checks that is known.
import { statusOf, worstLevel } from '#core/level.ts';
import type { Maintenance } from '#core/maintenance.ts';
import type { HeldHost } from './held.ts';
import type { CheckStatus, HostStatus } from './model.ts';

export function hostStatus(
  { id, name, group, paused }: HeldHost,
  checks: CheckStatus[],
  planned: Maintenance | null,
): HostStatus {
  const level = worstLevel(checks.filter(({ paused }) => !paused).map((check) => check.level));
  const deciding = checks.filter((check) => check.level === level && !check.paused);
  const since = deciding.flatMap((check) => (check.since === null ? [] : [check.since]));
  return {
    id,
    name,
    group,
    paused,
    status: statusOf(level),
    level,
    since: since.length > 0 ? Math.min(...since) : null,
    maintenance: planned && { title: planned.title, until: planned.untilAt },
    checks,
  };
}
