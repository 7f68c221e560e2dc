// How much of what the worker may look at in a minute is asked of it.
import { HERE, isAssigned } from '#core/assign.ts';
import { looksAMinute } from '#core/lookRound.ts';
import { WORKER_PLANS } from '#core/meter/plans.ts';
import { type Fleet, looksFromHere, type PlannedCheck, parseFleet, parsePlan } from '#db/plan.ts';
import { readPlans } from '#worker/meter/plans.ts';
import type { Platform } from '#worker/platform.ts';

export interface LookRoom {
  on: boolean;
  /** The runtime can look at all. */
  possible: boolean;
  checks: number;
  /** Looks a minute that its checks come to, without redirects and repeats. */
  wanted: number;
  /** Requests it may make for them a minute. */
  most: number;
}

/** A row a shard. */
export async function readLookRoom(platform: Platform): Promise<LookRoom> {
  const [plans, fleetRow] = await platform.db.$client.batch(
    ['select plan from shard', `select value from setting where key = 'fleet'`],
    'read',
  );
  const fleet = parseFleet(fleetRow?.rows[0]?.value as string | undefined);
  const checks = (plans?.rows ?? [])
    .flatMap((row) => [...parsePlan(String(row.plan)).byId.values()])
    .filter((check) => !check.paused && isLookedAt(check, fleet));
  const { looks } = WORKER_PLANS[(await readPlans(platform)).worker];
  return {
    on: looksFromHere(fleet),
    possible: platform.outside !== undefined,
    checks: checks.length,
    wanted: looksAMinute(checks),
    most: looks,
  };
}

function isLookedAt(check: PlannedCheck, { runners, locations }: Fleet): boolean {
  const me = runners.find(({ id }) => id === HERE);
  return me !== undefined && isAssigned(check, me, locations);
}

/** What to tell whoever gives the worker more than it has room for; null = there is room. */
export function tooManyWords({ wanted, most }: Pick<LookRoom, 'wanted' | 'most'>): string | null {
  if (wanted <= most) return null;
  return `This worker is now asked for about ${Math.ceil(wanted)} looks a minute and has room for ${most}: some are left for later, and a check not looked at in time is unknown. Look less often, or add a runner.`;
}
