// A long story of a broken law made short: faults left out one by one, then made briefer, while the same law breaks.
import { START } from './clock.ts';
import { CALM_MS, type Fault, type Plan, planOf } from './faults.ts';
import { type Run, simulate } from './simulate.ts';

/** The smallest plan found that breaks the law that the seed's own plan breaks. */
export async function shrink(seed: string, say: (line: string) => void): Promise<Run> {
  let best = await simulate(seed, planOf(seed));
  const law = best.broken?.law;
  if (law === undefined) return best;
  const attempt = async (plan: Plan, what: string): Promise<boolean> => {
    const run = await simulate(seed, plan);
    if (run.broken?.law !== law) return false;
    say(what);
    best = run;
    return true;
  };
  for (let again = true; again; ) {
    again = false;
    for (const fault of best.plan.faults) {
      const faults = best.plan.faults.filter((each) => each !== fault);
      if (await attempt({ ...best.plan, faults }, `without ${fault.kind}`)) again = true;
    }
  }
  for (const fault of [...best.plan.faults]) {
    const shorter = halved(fault);
    if (!shorter) continue;
    const faults = best.plan.faults.map((each) => (each === fault ? shorter : each));
    await attempt({ ...best.plan, faults }, `a shorter ${fault.kind}`);
  }
  await attempt(ended(best.plan), 'ending sooner');
  return best;
}

function halved(fault: Fault): Fault | null {
  if (!('until' in fault)) return null;
  return { ...fault, until: fault.at + Math.round((fault.until - fault.at) / 2) };
}

/** Calm as soon as the last fault is over. */
function ended(plan: Plan): Plan {
  const ends = plan.faults.map((each) => ('until' in each ? each.until : each.at + 30_000));
  const calmAt = Math.min(plan.calmAt, Math.max(START + 60_000, ...ends));
  return { ...plan, calmAt, endAt: calmAt + CALM_MS };
}
