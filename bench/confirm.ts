// How soon an outage that everybody sees is known: the real worker and three real runners in virtual time, a check a
// minute, a hundred outages at random phases, with the instant channel and without.

import { START, VirtualClock } from '#test/simulation/clock.ts';
import { CALM_MS, type Fault, type Plan } from '#test/simulation/faults.ts';
import { Random } from '#test/simulation/random.ts';
import { enterRealm } from '#test/simulation/realm.ts';
import { World } from '#test/simulation/world.ts';

const OUTAGES = 100;
const PER_WORLD = 10;
const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 5000;
const TARGET = 't1.example:80';

interface Timed {
  /** From the answer to the first probe that failed, or was well again, to the change of status. */
  downMs: number[];
  upMs: number[];
}

function planOf(world: number, channel: boolean, how: 'refused' | 'hangs'): Plan {
  const random = new Random(`confirm ${world}`);
  const faults: Fault[] = [];
  let at = START + 3 * 60_000;
  for (let n = 0; n < PER_WORLD; n++) {
    at += random.int(0, INTERVAL_MS);
    faults.push({
      kind: 'target',
      at,
      until: at + 4 * 60_000,
      target: TARGET,
      locations: null,
      how,
    });
    at += 8 * 60_000;
  }
  const endAt = at + CALM_MS + 60_000;
  return {
    seed: `confirm ${world}`,
    minutes: (endAt - START) / 60_000,
    calmAt: endAt - CALM_MS,
    endAt,
    tickMs: 60_000,
    flushMs: 15_000,
    databaseMs: 12,
    isolates: 2,
    channel,
    machines: ['a', 'b', 'c'].map((name) => ({ name, location: name.toUpperCase(), wallMs: 0 })),
    checks: [
      {
        target: TARGET,
        intervalMs: INTERVAL_MS,
        timeoutMs: TIMEOUT_MS,
        failures: 2,
        successes: 1,
        policy: 'any',
        locations: null,
      },
    ],
    faults,
  };
}

async function live(plan: Plan): Promise<Timed> {
  const clock = new VirtualClock();
  const leave = enterRealm(clock);
  const world = World.open(plan, clock);
  const asked: Array<{ at: number; down: boolean }> = [];
  const { targets } = world;
  const answer = targets.answer.bind(targets);
  targets.answer = (target, location, at) => {
    const said = answer(target, location, at);
    asked.push({ at: at + (said.hangs ? TIMEOUT_MS : 0), down: said.health === 'down' });
    return said;
  };
  try {
    await world.live();
    const flips = await world.database.rows('select to_status, at from flip order by id');
    const timed: Timed = { downMs: [], upMs: [] };
    for (const fault of plan.faults) {
      if (!('until' in fault)) continue;
      const took = (status: string, from: number, down: boolean) => {
        const first = asked.find((each) => each.at >= from && each.down === down);
        const flip = flips.find((row) => row.to_status === status && Number(row.at) >= from);
        return first && flip ? Number(flip.at) - first.at : Number.POSITIVE_INFINITY;
      };
      timed.downMs.push(took('down', fault.at, true));
      timed.upMs.push(took('up', fault.until, false));
    }
    return timed;
  } finally {
    leave();
    world.close();
  }
}

const seconds = (ms: number | undefined) => ((ms ?? Number.NaN) / 1000).toFixed(1).padStart(6);

function line(name: string, values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return `  ${name.padEnd(34)}${seconds(at(0.5))}${seconds(at(0.95))}${seconds(at(1))}`;
}

export async function run(): Promise<void> {
  console.log(
    `${OUTAGES} outages each, 3 runners, a check every 60 s, 2 failures, posts every 15 s\n`,
  );
  console.log('  seconds from the first reading that told   p50   p95   most');
  for (const how of ['refused', 'hangs'] as const) {
    for (const channel of [true, false]) {
      const all: Timed = { downMs: [], upMs: [] };
      for (let world = 0; world < OUTAGES / PER_WORLD; world++) {
        const { downMs, upMs } = await live(planOf(world, channel, how));
        all.downMs.push(...downMs);
        all.upMs.push(...upMs);
      }
      const words = `${how === 'hangs' ? 'hangs (5 s)' : how}, ${channel ? 'with' : 'without'} channel`;
      console.log(line(`down, ${words}`, all.downMs));
      console.log(line(`up, ${words}`, all.upMs));
    }
  }
}
