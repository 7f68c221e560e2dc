// Who probes what. A check is watched by locations; of the runners of a location one owns it, the others stand by.

/** The worker as a runner and a location of its own: it watches only what names it, and is never silent. */
export const OWN = 0;

/**
 * The worker as a place that looks at targets (docs/decisions/0021): a runner and a location that are stored nowhere, apart
 * from `OWN`, so that doubts about its eyes touch nothing that it is merely told. The last id there is room for.
 */
export const HERE = 2 ** 20 - 1;
/** What that location is called. */
export const HERE_NAME = 'This worker';

/** The worker in either of its parts: it is never silent, and watches only what names it. */
export function isWorkerItself(id: number): boolean {
  return id === OWN || id === HERE;
}

/** Only the worker itself speaks of it: then there is nobody to name. */
export function isOwnWord(locations: ReadonlyArray<{ locationId: number }>): boolean {
  return locations.length === 1 && locations[0]?.locationId === OWN;
}

/** Where a check is to be watched from. */
export interface Placement {
  checkId: number;
  /** Ids of locations; null = every enabled one. */
  locations: readonly number[] | null;
  /** Pinned to this runner: its location is the only one, and only its results count. */
  runnerId: number | null;
}

export interface LocationPlace {
  id: number;
  enabled: boolean;
}

export interface RunnerPlace {
  id: number;
  /** Null: enrolled but not placed yet. */
  locationId: number | null;
  /** Only `active` runners are given work. */
  status: string;
  silent?: boolean;
}

/**
 * The enabled locations that watch a check, in the order of their ids. One without any active runner is not assigned
 * (that is a decision somebody took); one whose runners are all silent is (that is what merge calls missing).
 */
export function assignedLocations(
  check: Placement,
  locations: readonly LocationPlace[],
  runners: readonly RunnerPlace[],
): number[] {
  return locations
    .filter(
      ({ id, enabled }) =>
        enabled && runners.some((runner) => runner.locationId === id && mayReport(check, runner)),
    )
    .map(({ id }) => id)
    .sort((a, b) => a - b);
}

/** Do results of this runner count for the check? Any active runner of an assigned location may report. */
export function isAssigned(
  check: Placement,
  runner: RunnerPlace,
  locations: readonly LocationPlace[],
): boolean {
  return (
    mayReport(check, runner) &&
    locations.some(({ id, enabled }) => enabled && id === runner.locationId)
  );
}

/** The runner of a location that probes the check: the pinned one, else one chosen by `ownerOf`; null = none can. */
export function ownerIn(
  check: Placement,
  locationId: number,
  runners: readonly RunnerPlace[],
): number | null {
  return ownerOf(
    check.checkId,
    runners.filter((runner) => runner.locationId === locationId && mayReport(check, runner)),
  );
}

/**
 * Rendezvous hashing over the active runners of one location that are not silent (over all active ones when all are):
 * when one comes or goes, only the checks it owned move.
 */
export function ownerOf(checkId: number, runnersOfLocation: readonly RunnerPlace[]): number | null {
  const active = runnersOfLocation.filter(({ status }) => status === 'active');
  const speaking = active.filter(({ silent }) => !silent);
  let owner: number | null = null;
  let highest = -1;
  for (const { id } of speaking.length > 0 ? speaking : active) {
    const weight = mix(checkId, id);
    if (weight < highest || (weight === highest && owner !== null && id > owner)) continue;
    highest = weight;
    owner = id;
  }
  return owner;
}

function mayReport(check: Placement, { id, locationId, status }: RunnerPlace): boolean {
  if (status !== 'active' || locationId === null) return false;
  if (check.runnerId !== null) return check.runnerId === id;
  return check.locations === null
    ? !isWorkerItself(locationId)
    : check.locations.includes(locationId);
}

/** 32 well-mixed bits of a pair of ids (the finish of MurmurHash3). */
function mix(checkId: number, runnerId: number): number {
  let hash = Math.imul(checkId, 0x9e3779b1) ^ Math.imul(runnerId, 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
