// One run from its seed: the world lives, and the oracle says what was wrong, if anything.
import { VirtualClock } from './clock.ts';
import { type Plan, planOf } from './faults.ts';
import { LawBroken } from './law.ts';
import { enterRealm } from './realm.ts';
import { World } from './world.ts';

export interface Run {
  plan: Plan;
  /** Null = every law held. */
  broken: { law: string; text: string; at: number } | null;
  story: string[];
  /** Of the story: the same for the same plan. */
  hash: string;
  /** What it was about. */
  counts: Counts;
}

export interface Counts {
  /** Stored by the worker. */
  results: number;
  flips: number;
  /** Read in a chat. */
  messages: number;
}

export const NO_COUNTS: Counts = { results: 0, flips: 0, messages: 0 };

export async function simulate(seed: string, plan: Plan = planOf(seed)): Promise<Run> {
  const clock = new VirtualClock();
  const leave = enterRealm(clock);
  const flights: Error[] = [];
  const note = (error: Error) => flights.push(error);
  process.on('unhandledRejection', note);
  let world: World | null = null;
  let broken: Run['broken'] = null;
  try {
    world = World.open(plan, clock);
    await world.live();
    const [first] = flights;
    if (first)
      broken = {
        law: 'nothing is thrown that nobody catches',
        text: String(first.stack),
        at: clock.nowMs,
      };
  } catch (error) {
    const { law, text } =
      error instanceof LawBroken
        ? error
        : { law: 'the world goes on', text: String((error as Error).stack) };
    broken = { law, text, at: clock.nowMs };
  } finally {
    leave();
    process.off('unhandledRejection', note);
    world?.close();
  }
  if (broken) world?.story.tell(`BROKEN ${broken.law}: ${broken.text}`);
  return {
    plan,
    broken,
    story: world?.story.lines ?? [],
    hash: world?.story.hash() ?? '',
    counts: world?.counts() ?? NO_COUNTS,
  };
}
