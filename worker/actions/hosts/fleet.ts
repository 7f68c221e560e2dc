// The locations and runners by name, as an action needs them.
import { HERE, HERE_NAME } from '#core/assign.ts';
import type { Network } from '#core/net/reach.ts';
import type { Platform } from '#worker/platform.ts';

export interface FleetLocation {
  id: number;
  name: string;
  enabled: boolean;
  tags: string[];
}

export interface FleetRunner {
  id: number;
  name: string;
  locationId: number | null;
  status: string;
}

export interface FleetNames {
  locations: FleetLocation[];
  /** Revoked ones are left out. */
  runners: FleetRunner[];
  /** What the worker's own looks may reach beside the public internet; absent = nothing. */
  workerNetworks?: readonly Network[];
}

/** The worker as a place (core/assign.ts); a location of that name that a person made goes before it. */
export const FROM_HERE: FleetLocation = { id: HERE, name: HERE_NAME, enabled: true, tags: [] };

export async function readFleet(platform: Platform): Promise<FleetNames> {
  const [locations, runners, here] = await platform.db.$client.batch(
    [
      'select id, name, enabled, tags from location order by id',
      `select id, name, location_id, status from runner where status <> 'revoked' order by id`,
      `select 1 from setting where key = 'from_worker' and value = 'true'`,
    ],
    'read',
  );
  return {
    locations: [
      ...(locations?.rows ?? []).map((row) => ({
        id: Number(row.id),
        name: String(row.name),
        enabled: Number(row.enabled) === 1,
        tags: JSON.parse(String(row.tags)) as string[],
      })),
      ...((here?.rows ?? []).length > 0 ? [FROM_HERE] : []),
    ],
    workerNetworks: platform.config.workerNetworks,
    runners: (runners?.rows ?? []).map((row) => ({
      id: Number(row.id),
      name: String(row.name),
      locationId: row.location_id === null ? null : Number(row.location_id),
      status: String(row.status),
    })),
  };
}

/** The name of a runner, or its id where several share the name. */
export function runnerLabel(fleet: FleetNames, id: number): string | number {
  const named = fleet.runners.find((runner) => runner.id === id);
  if (!named) return id;
  return fleet.runners.filter(({ name }) => name === named.name).length > 1 ? id : named.name;
}

/** Who measures a runner's own machine when nobody is named: the first active one in "local", else the first active. */
export function defaultRunner(fleet: FleetNames): FleetRunner | null {
  const active = fleet.runners.filter(
    ({ status, locationId }) => status === 'active' && locationId !== null,
  );
  const local = fleet.locations.find(({ name }) => name === 'local')?.id;
  return active.find(({ locationId }) => locationId === local) ?? active[0] ?? null;
}
