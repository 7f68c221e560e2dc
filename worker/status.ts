// What is held true right now, read live.
import { isWorkerItself } from '#core/assign.ts';
import { isSilent } from '#core/fleet.ts';
import { statusOf, worstLevel } from '#core/level.ts';
import { maintenanceOf } from '#core/maintenance.ts';
import type { Platform } from './platform.ts';
import { checkStatus } from './status/check.ts';
import { type Held, readHeld } from './status/held.ts';
import { hostStatus } from './status/host.ts';
import type { CheckStatus, StatusModel } from './status/model.ts';

/** Reads everything in one batch: a row a host and a check. `reveal`: addresses and particulars too. */
export async function readStatus(
  platform: Platform,
  { reveal }: { reveal: boolean },
): Promise<StatusModel> {
  const held = await readHeld(platform);
  const checks = checksByHost(held, reveal);
  const { maintenances } = held.fleet;
  const hosts = held.hosts.map((row) => {
    const planned = maintenanceOf(maintenances, row.id, held.now);
    return hostStatus(row, checks.get(row.id) ?? [], planned);
  });
  const level = worstLevel(
    hosts.map((host) => (host.paused || host.maintenance ? null : host.level)),
  );
  return {
    status: statusOf(level),
    level,
    asOf: held.now,
    hosts,
    runners: countRunners(held),
    deafSinceAt: held.heard.deaf ? held.heard.judgedAt : null,
    maintenances: maintenances
      .filter(({ untilAt }) => untilAt > held.now)
      .sort((a, b) => a.fromAt - b.fromAt)
      .map(({ id, title, fromAt, untilAt, hosts: hostIds }) => {
        const named = hostIds === null ? null : [...hostIds];
        return { id, title, from: fromAt, until: untilAt, hostIds: named };
      }),
  };
}

function checksByHost(held: Held, reveal: boolean): Map<number, CheckStatus[]> {
  const byHost = new Map<number, CheckStatus[]>();
  for (const row of held.checks) {
    const check = held.planned.get(row.id);
    if (!check) continue;
    const { hostId } = row;
    const told = checkStatus(row, check, held, reveal);
    const others = byHost.get(hostId);
    if (others) others.push(told);
    else byHost.set(hostId, [told]);
  }
  return byHost;
}

function countRunners({ fleet, views, heard, flushMs }: Held): StatusModel['runners'] {
  const active = fleet.runners.filter(
    ({ id, status, locationId }) =>
      !isWorkerItself(id) && status === 'active' && locationId !== null,
  );
  const heardOf = new Map<number, number>();
  for (const { runnerId, postedAt } of [...views.values()].flat()) {
    heardOf.set(runnerId, Math.max(heardOf.get(runnerId) ?? 0, postedAt));
  }
  const silent = active.filter(({ id }) => isSilent(heardOf.get(id) ?? 0, heard.judgedAt, flushMs));
  return { active: active.length, silent: silent.length };
}
