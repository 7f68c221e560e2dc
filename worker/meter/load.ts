// What is probed and posted, as its cost sees it: from the packed plans, a row a shard.
import { assignedLocations, HERE, OWN, ownerIn } from '#core/assign.ts';
import type { CostedCheck, Load } from '#core/meter/cost.ts';
import { type Fleet, looksFromHere, type PlannedCheck, parseFleet, parsePlan } from '#db/plan.ts';
import type { Platform } from '#worker/platform.ts';

export interface ReadLoad extends Load {
  fleet: Fleet;
  /** Locations that probe whatever names none. */
  locations: number;
}

export async function readLoad(platform: Platform): Promise<ReadLoad> {
  const [shards, fleetRow] = await platform.db.$client.batch(
    ['select id, plan from shard', `select value from setting where key = 'fleet'`],
    'read',
  );
  const fleet = parseFleet(fleetRow?.rows[0]?.value as string | undefined);
  const checks = (shards?.rows ?? []).flatMap((row) =>
    [...parsePlan(String(row.plan)).byId.values()]
      .filter(({ paused }) => !paused)
      .map((check) => costed(check, Number(row.id), fleet)),
  );
  return {
    flushMs: fleet.flushMs ?? platform.config.flushMs,
    runners: fleet.runners.filter((each) => isPosting(each, fleet)).map(({ id }) => id),
    lookerId: looksFromHere(fleet) ? HERE : null,
    checks,
    fleet,
    locations: everywhere(fleet).length,
  };
}

/** A check that is not there yet: probed from every location, or by the worker where that is all there is. */
export function oneMore({ fleet, checks }: ReadLoad, intervalMs: number): CostedCheck {
  return { shard: checks.at(-1)?.shard ?? 0, intervalMs, runners: everywhere(fleet) };
}

function costed(check: PlannedCheck, shard: number, fleet: Fleet): CostedCheck {
  return { shard, intervalMs: check.intervalMs, runners: runnersOf(check, fleet) };
}

function everywhere(fleet: Fleet): number[] {
  const all = runnersOf({ checkId: 0, locations: null, runnerId: null }, fleet);
  return all.length === 0 && looksFromHere(fleet) ? [HERE] : all;
}

function runnersOf(
  check: Pick<PlannedCheck, 'checkId' | 'locations' | 'runnerId'>,
  { locations, runners }: Fleet,
): number[] {
  return assignedLocations(check, locations, runners)
    .map((locationId) => ownerIn(check, locationId, runners))
    .filter((id) => id !== null)
    .filter((id) => id !== OWN);
}

function isPosting({ id, status, locationId }: Fleet['runners'][number], fleet: Fleet): boolean {
  if (id === HERE) return looksFromHere(fleet);
  return id !== OWN && status === 'active' && locationId !== null;
}
