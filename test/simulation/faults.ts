// The plan of a run, drawn from its seed: what goes wrong, when, and for how long. Each fault stands alone, so that a
// story can be shrunk by leaving faults out.

import type { ChatTrouble } from './chats.ts';
import { START } from './clock.ts';
import type { DatabaseTrouble } from './database.ts';
import type { Doom } from './isolate.ts';
import type { Weather } from './network.ts';
import { Random } from './random.ts';
import type { Condition } from './target.ts';

export interface CheckPlan {
  target: string;
  intervalMs: number;
  timeoutMs: number;
  failures: number;
  successes: number;
  policy: 'any' | 'majority' | 'all' | { type: 'atLeast'; n: number };
  /** Names; null = all. */
  locations: string[] | null;
}

export interface MachinePlan {
  name: string;
  location: string;
  /** What its wall clock is wrong by. */
  wallMs: number;
}

export type Edit =
  | { what: 'interval'; intervalMs: number }
  | { what: 'target' }
  | { what: 'failures'; failures: number }
  | { what: 'policy'; policy: 'any' | 'majority' | 'all' }
  | { what: 'pause'; forMs: number }
  | { what: 'delete' };

type Span = { at: number; until: number };

export type Fault =
  | ({ kind: 'target' } & Span & Omit<Condition, 'from' | 'to'>)
  | ({ kind: 'cut' | 'cutOff' | 'walled' | 'mistaken' | 'crippled'; machine: string } & Span)
  | ({ kind: 'weather'; machine: string; weather: Weather } & Span)
  | ({ kind: 'kill' | 'powerCut'; machine: string } & Span)
  | ({ kind: 'disk'; machine: string; trouble: 'full' | 'read-only' } & Span)
  | ({ kind: 'restore'; machine: string } & Span)
  | ({ kind: 'step'; machine: string; ms: number } & Span)
  | ({ kind: 'suspend'; machine: string } & Span)
  | ({ kind: 'disable'; machine: string } & Span)
  | { kind: 'leave'; machine: string; at: number; revoke: boolean }
  | { kind: 'join'; machine: MachinePlan; at: number }
  | ({ kind: 'outage' } & Span)
  | ({
      kind: 'crash';
      isolate: number;
      writes: number;
      when: Doom['when'];
      /** Also dies, for it stood on the same machine: one by name, or whoever was just posting. */
      with: string | null;
    } & Span)
  | ({ kind: 'database'; trouble: DatabaseTrouble } & Span)
  | ({ kind: 'channel'; trouble: ChatTrouble } & Span)
  | { kind: 'edit'; at: number; check: number; edit: Edit };

export interface Plan {
  seed: string;
  minutes: number;
  /** Everything is mended from here on. */
  calmAt: number;
  endAt: number;
  tickMs: number;
  flushMs: number;
  /** Longest way to the database and back, each. */
  databaseMs: number;
  isolates: number;
  /** There is an instant channel; worlds drawn from a seed have none. */
  channel?: boolean;
  machines: MachinePlan[];
  checks: CheckPlan[];
  faults: Fault[];
}

/** Faults end so long before the end that everything can be known again. */
export const CALM_MS = 6.5 * 60_000;

export function planOf(seed: string, minutes = 20): Plan {
  const random = new Random(`${seed} plan`);
  const endAt = START + minutes * 60_000;
  const calmAt = endAt - CALM_MS;
  const places = random.pick(['A B C', 'A B C', 'A A B', 'A B B']).split(' ');
  const machines = places.map((location, index) => ({
    name: `${location.toLowerCase()}${index + 1}`,
    location,
    wallMs: random.chance(0.3) ? random.int(-90_000, 90_000) : 0,
  }));
  const checks = Array.from({ length: 6 }, (_, index) => checkPlan(random, index, places));
  const isolates = random.pick([1, 2, 2, 3]);
  const plan: Plan = {
    seed,
    minutes,
    calmAt,
    endAt,
    flushMs: random.pick([5000, 15_000, 15_000, 15_000]),
    databaseMs: random.pick([12, 12, 150]),
    isolates,
    tickMs:
      isolates === 1 ? random.pick([5000, 20_000, 60_000]) : random.pick([30_000, 60_000, 60_000]),
    machines,
    checks,
    faults: [],
  };
  const count = random.pick([1, 2, 3, 4, 6, 8, 12]);
  // An outage or two of a target, whatever else goes wrong.
  for (let each = random.int(1, 3); each > 0; each--) plan.faults.push(targetFault(random, plan));
  for (let each = 0; each < count; each++) plan.faults.push(faultOf(random, plan));
  plan.faults.sort((a, b) => a.at - b.at);
  return plan;
}

function checkPlan(random: Random, index: number, places: string[]): CheckPlan {
  const intervalMs = random.pick([5, 10, 20, 30, 60, 60]) * 1000;
  const locations = random.chance(0.2) ? [random.pick(places)] : null;
  return {
    target: `t${index + 1}.example:80`,
    intervalMs,
    timeoutMs: Math.min(intervalMs, random.pick([2000, 5000, 10_000])),
    failures: random.pick([1, 2, 2, 3]),
    successes: random.pick([1, 1, 2]),
    policy: random.pick(['any', 'any', 'any', 'majority', 'all', { type: 'atLeast', n: 2 }]),
    locations,
  };
}

/** A moment in the time of faults, and one some time after it. */
function span(random: Random, plan: Plan, fromS: number, toS: number): Span {
  const at = random.int(START + 45_000, plan.calmAt - 20_000);
  return { at, until: Math.min(plan.calmAt, at + random.int(fromS * 1000, toS * 1000)) };
}

function targetFault(random: Random, plan: Plan): Fault {
  const places = [...new Set(plan.machines.map(({ location }) => location))];
  const some = places.filter(() => random.chance(0.5));
  const time = span(random, plan, 5, 400);
  return {
    kind: 'target',
    ...time,
    // Some outages outlast the faults: then the end is "down".
    until: random.chance(0.15) ? plan.endAt + 1 : time.until,
    target: random.pick(plan.checks).target,
    locations: random.chance(0.7) || some.length === 0 ? null : some,
    how: random.pick(['refused', 'refused', 'hangs', 'degraded', 'flaps']),
  };
}

type Draw = (random: Random, plan: Plan, machine: string) => Fault;

const DRAWS: Draw[] = [
  targetFault,
  targetFault,
  (random, plan, machine) => ({ kind: 'cut', machine, ...span(random, plan, 5, 300) }),
  (random, plan, machine) => ({ kind: 'cutOff', machine, ...span(random, plan, 5, 300) }),
  (random, plan, machine) => ({ kind: 'walled', machine, ...span(random, plan, 10, 200) }),
  (random, plan, machine) => ({ kind: 'mistaken', machine, ...span(random, plan, 10, 300) }),
  (random, plan, machine) => ({ kind: 'crippled', machine, ...span(random, plan, 10, 200) }),
  (random, plan, machine) => ({
    kind: 'weather',
    machine,
    ...span(random, plan, 30, 400),
    weather: weather(random),
  }),
  (random, plan, machine) => ({
    kind: 'weather',
    machine,
    ...span(random, plan, 30, 400),
    weather: weather(random),
  }),
  (random, plan, machine) => ({ kind: 'kill', machine, ...span(random, plan, 1, 240) }),
  (random, plan, machine) => ({ kind: 'kill', machine, ...span(random, plan, 1, 20) }),
  (random, plan, machine) => ({ kind: 'powerCut', machine, ...span(random, plan, 1, 120) }),
  (random, plan, machine) => ({
    kind: 'disk',
    machine,
    ...span(random, plan, 10, 300),
    trouble: random.pick(['full', 'read-only']),
  }),
  (random, plan, machine) => ({ kind: 'restore', machine, ...span(random, plan, 30, 300) }),
  (random, plan, machine) => ({
    kind: 'step',
    machine,
    ...span(random, plan, 10, 200),
    ms: random.pick([-600_000, -30_000, -3000, 1500, 3000, 45_000, 120_000]),
  }),
  (random, plan, machine) => ({ kind: 'suspend', machine, ...span(random, plan, 1, 200) }),
  (random, plan, machine) => ({ kind: 'disable', machine, ...span(random, plan, 30, 300) }),
  (random, plan, machine) => ({
    kind: 'leave',
    machine,
    at: span(random, plan, 1, 1).at,
    revoke: random.chance(0.5),
  }),
  (random, plan) => ({
    kind: 'join',
    at: span(random, plan, 1, 1).at,
    machine: {
      name: `n${random.int(1, 99)}`,
      location: random.pick(['A', 'B', 'N']),
      wallMs: random.chance(0.5) ? random.int(-300_000, 300_000) : 0,
    },
  }),
  (random, plan) => ({ kind: 'outage', ...span(random, plan, 20, 420) }),
  (random, plan) => ({ kind: 'outage', ...span(random, plan, 150, 420) }),
  crash,
  crash,
  crash,
  (random, plan) => ({
    kind: 'database',
    ...span(random, plan, 20, 200),
    trouble: {
      busy: random.pick([0, 0.1, 0.5]),
      losesAnswer: random.pick([0, 0.05, 0.2]),
      slowMs: random.pick([12, 100, 600]),
    },
  }),
  (random, plan) => ({
    kind: 'channel',
    ...span(random, plan, 20, 240),
    trouble: random.pick(['tooMany', 'broken', 'hangs', 'drops']),
  }),
  edit,
  edit,
  edit,
];

function faultOf(random: Random, plan: Plan): Fault {
  return random.pick(DRAWS)(random, plan, random.pick(plan.machines).name);
}

function crash(random: Random, plan: Plan): Fault {
  return {
    kind: 'crash',
    ...span(random, plan, 1, 60),
    isolate: random.int(0, plan.isolates - 1),
    writes: random.int(0, 30),
    when: random.pick(['before', 'after', 'unjudged', 'unjudged']),
    with: random.pick([null, null, 'sender', random.pick(plan.machines).name]),
  };
}

function weather(random: Random): Weather {
  const bad = () => random.pick([0, 0, 0.05, 0.3]);
  return {
    loses: bad(),
    losesAnswer: bad(),
    repeats: random.pick([0, 0.1, 0.5]),
    corrupts: random.pick([0, 0, 0.05, 0.2]),
    portal: random.pick([0, 0, 0.05, 0.2]),
    delayMs: random.pick([30, 500, 4000, 20_000]),
  };
}

function edit(random: Random, plan: Plan): Fault {
  const drawn: Edit = random.pick<Edit>([
    { what: 'interval', intervalMs: random.pick([5, 10, 20, 60]) * 1000 },
    { what: 'target' },
    { what: 'failures', failures: random.int(1, 4) },
    { what: 'policy', policy: random.pick(['any', 'majority', 'all']) },
    { what: 'pause', forMs: random.int(10_000, 200_000) },
    { what: 'delete' },
  ]);
  return { kind: 'edit', at: span(random, plan, 1, 1).at, check: random.int(0, 5), edit: drawn };
}

/** One fault in a line, as a story begins. */
export function words(fault: Fault): string {
  const { kind, at, ...rest } = fault;
  const until = 'until' in rest ? ` for ${Math.round((rest.until - at) / 1000)} s` : '';
  const { until: _, ...more } = rest as Record<string, unknown>;
  return `${kind}${until} ${JSON.stringify(more)}`;
}
