// From where a check is probed: names become ids, and what measures a runner's own machine is pinned to one.
import { HERE, HERE_NAME, OWN } from '#core/assign.ts';
import { canLookFromWorker, refuseFromWorker } from '#core/checks/fromWorker.ts';
import { isOwnMachine, isWorkerKind, KINDS, kindOf } from '#core/checks/index.ts';
import { hostRefusal } from '#core/net/reach.ts';
import { ANY, type Policy } from '#core/policy.ts';
import { type FieldError, Problem } from '#worker/problem.ts';
import type { CheckDraft } from './draft.ts';
import { defaultRunner, type FleetNames, type FleetRunner } from './fleet.ts';

export interface Placing {
  /** Ids, or tags of which the locations bear one; null = every enabled location. */
  locations: number[] | { tags: string[] } | null;
  runnerId: number | null;
  policy: Policy;
  warnings: string[];
}

/** Refuses with the field's path under `at` when a name is not known or the parts contradict each other. */
export function placingOf(draft: CheckDraft, fleet: FleetNames, at = ''): Placing {
  const errors: FieldError[] = [];
  const refuse = (field: string, message: string) => {
    errors.push({ path: at === '' ? field : `${at}.${field}`, message });
  };
  if (isWorkerKind(draft.kind)) return ownPlacing(draft, refuse, errors);
  const named = namedBy(draft, fleet, refuse);
  const locations = idsMeant(named, fleet);
  const policy = policyOf(draft, fleet, refuse);
  if (locations?.includes(HERE)) fromWorker(draft, fleet, refuse);
  const pinned = pinnedTo(draft, locations, fleet, refuse);
  if (errors.length > 0) throw new Problem('invalid_input', { errors });
  if (pinned) return { locations: null, runnerId: pinned.id, policy, warnings: [] };
  return { locations: named, runnerId: null, policy, warnings: warningsOf(draft, locations) };
}

/** What the worker answers itself is looked at from nowhere else. */
function ownPlacing(
  { locations, runner, policy }: CheckDraft,
  refuse: Refuse,
  errors: readonly FieldError[],
): Placing {
  const no =
    'is for checks that runners probe; this kind is answered by Anyup itself: leave it out';
  if (locations !== 'all') refuse('locations', no);
  if (runner !== null) refuse('runner', no);
  if (policy !== 'any') refuse('policy', no);
  if (errors.length > 0) throw new Problem('invalid_input', { errors: [...errors] });
  return { locations: [OWN], runnerId: null, policy: ANY, warnings: [] };
}

/** The worker itself can look only so far, and says at each field what is beyond it. */
function fromWorker(draft: CheckDraft, { workerNetworks }: FleetNames, refuse: Refuse): void {
  const note = `(the location "${HERE_NAME}")`;
  refuseFromWorker(draft, (field, message) => refuse(field, `${message} ${note}`));
  const host = kindOf(draft.kind).addressOf(draft.spec as never);
  const refusal = host === null ? null : hostRefusal(host, workerNetworks);
  if (host !== null && refusal !== null) {
    refuse(
      'target',
      `leads to ${host}, which ${refusal}; the worker itself looks at no other ${note}`,
    );
  }
}

/** Nobody else is there to look, and the worker can: a first check needs no runner. */
export function onlyFromHere(draft: CheckDraft, fleet: FleetNames): boolean {
  const { locations, runner } = draft;
  const here = fleet.locations.some(({ id }) => id === HERE);
  if (!here || locations !== 'all' || runner !== null || defaultRunner(fleet) !== null)
    return false;
  let able = canLookFromWorker(draft.kind);
  if (able) {
    fromWorker(draft, fleet, () => {
      able = false;
    });
  }
  return able;
}

/** The policy alone, for a check that nobody probes yet. */
export function policyFor(draft: CheckDraft, fleet: FleetNames, at: string): Policy {
  const errors: FieldError[] = [];
  const policy = policyOf(draft, fleet, (field, message) => {
    errors.push({ path: `${at}.${field}`, message });
  });
  if (errors.length > 0) throw new Problem('invalid_input', { errors });
  return policy;
}

/** The ids that are meant now; null = every enabled location. */
export function idsMeant(locations: Placing['locations'], fleet: FleetNames): number[] | null {
  if (locations === null || Array.isArray(locations)) return locations;
  const bearing = fleet.locations.filter(({ tags }) =>
    tags.some((tag) => locations.tags.includes(tag)),
  );
  return bearing.map(({ id }) => id);
}

type Refuse = (field: string, message: string) => void;

function namedBy(
  { locations }: CheckDraft,
  fleet: FleetNames,
  refuse: Refuse,
): Placing['locations'] {
  if (locations === 'all') return null;
  return Array.isArray(locations) ? idsOf(locations, fleet, 'locations', refuse) : locations;
}

function idsOf(names: readonly string[], fleet: FleetNames, field: string, refuse: Refuse) {
  const ids: number[] = [];
  for (const [index, name] of names.entries()) {
    const found = fleet.locations.find((location) => location.name === name.trim());
    if (found) ids.push(found.id);
    else refuse(`${field}[${index}]`, notAmong(name, 'location', fleet.locations));
  }
  return [...new Set(ids)].sort((a, b) => a - b);
}

function notAmong(name: string, what: string, known: ReadonlyArray<{ name: string }>): string {
  const names = known.slice(0, 10).map((each) => `"${each.name}"`);
  const there =
    names.length > 0 ? `; there ${names.length > 1 ? 'are' : 'is'} ${names.join(', ')}` : '';
  return `"${name.slice(0, 60)}" is not a ${what}${there || '; there is none yet'}`;
}

function policyOf({ policy }: CheckDraft, fleet: FleetNames, refuse: Refuse): Policy {
  if (typeof policy === 'string') return { type: policy };
  if (policy.type === 'atLeast') return policy;
  return {
    type: 'required',
    locations: idsOf(policy.locations, fleet, 'policy.locations', refuse),
  };
}

/** The one runner, when the check is bound to one; null when locations watch it. */
function pinnedTo(
  draft: CheckDraft,
  locations: number[] | null,
  fleet: FleetNames,
  refuse: Refuse,
): FleetRunner | null {
  const { runner, spec } = draft;
  if (runner !== null) return named(runner, locations, fleet, refuse);
  if (!isOwnMachine(spec)) return null;
  const isScript = KINDS[draft.kind].subject === 'runner';
  if (locations !== null && !isScript) return null;
  if (locations !== null && locations.length > 1) {
    refuse(
      'locations',
      'names several; this kind measures one machine: name its runner in "runner"',
    );
    return null;
  }
  const standing = { ...fleet, runners: fleet.runners.filter((each) => standsIn(each, locations)) };
  const chosen = defaultRunner(standing);
  if (!chosen) {
    refuse(
      'runner',
      `is needed: ${draft.target} means the runner's own machine, and no runner is active`,
    );
  }
  return chosen;
}

function standsIn(runner: FleetRunner, locations: number[] | null): boolean {
  return (
    locations === null || (runner.locationId !== null && locations.includes(runner.locationId))
  );
}

function named(
  runner: string | number,
  locations: number[] | null,
  fleet: FleetNames,
  refuse: Refuse,
): FleetRunner | null {
  const found = fleet.runners.filter((each) =>
    typeof runner === 'number' ? each.id === runner : each.name === runner.trim(),
  );
  const [first] = found;
  if (!first) {
    refuse('runner', notAmong(String(runner), 'runner', fleet.runners));
    return null;
  }
  if (found.length > 1) {
    refuse('runner', `is the name of ${found.length} runners; give the id of the one you mean`);
    return null;
  }
  if (!standsIn(first, locations)) {
    refuse(
      'runner',
      `"${first.name}" does not stand in the locations named; leave one of the two out`,
    );
  }
  return first;
}

const NO_EXPIRY = 'The worker checks the certificate but cannot tell when it ends; a runner can.';

function warningsOf(draft: CheckDraft, locations: number[] | null): string[] {
  if (locations?.length === 0) {
    return ['No location bears one of these tags yet, so nobody looks at it.'];
  }
  const { target } = draft;
  if (locations?.length === 1 && locations[0] === HERE) {
    return target.startsWith('https:') ? [NO_EXPIRY] : [];
  }
  if (!isOwnMachine(draft.spec) || locations === null) return [];
  return [
    `${draft.target} means the runner's own machine, so each location looks at a different one. Name one runner to measure one machine.`,
  ];
}
