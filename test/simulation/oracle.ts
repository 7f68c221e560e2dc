// The oracle: it sees every write as it is made and knows the truth, and holds the world to its laws.
import { Evidence } from './evidence.ts';
import { type Law, LawBroken, type MakeLaw, type Watch } from './law.ts';
import { converge } from './laws/converge.ts';
import { fleet } from './laws/fleet.ts';
import { flips } from './laws/flips.ts';
import { held } from './laws/held.ts';
import { history } from './laws/history.ts';
import { incidents } from './laws/incidents.ts';
import { messages } from './laws/messages.ts';
import { owed } from './laws/owed.ts';
import { posts } from './laws/posts.ts';
import { prompt } from './laws/prompt.ts';
import { results } from './laws/results.ts';
import { seconds } from './laws/seconds.ts';
import { truth } from './laws/truth.ts';
import { views } from './laws/views.ts';
import type { World } from './world.ts';

/** One line each. */
const LAWS: MakeLaw[] = [
  posts,
  views,
  results,
  flips,
  held,
  prompt,
  truth,
  owed,
  messages,
  incidents,
  fleet,
  converge,
  history,
  seconds,
];

const LOOK_EVERY_MS = 2500;

export class Oracle {
  readonly #watch: Watch;
  readonly #laws: Law[] = LAWS.map((make) => make());
  #ended = false;

  constructor(world: World) {
    this.#watch = { world, evidence: new Evidence(world) };
  }

  /** How many it has seen. */
  get flips(): number {
    return this.#watch.evidence.flips.length;
  }

  async wrote(statements: string[]): Promise<void> {
    await this.#watch.evidence.wrote(statements);
    await this.#hold('wrote');
  }

  /** Looks at the world from now on. */
  start(): void {
    const { clock } = this.#watch.world;
    const look = async () => {
      if (this.#ended) return;
      await this.#hold('looks');
      clock.after(LOOK_EVERY_MS, look);
    };
    clock.after(LOOK_EVERY_MS, look);
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#hold('ends');
  }

  async folded(): Promise<void> {
    await this.#hold('folded');
  }

  async #hold(when: keyof Omit<Law, 'promise'>): Promise<void> {
    for (const law of this.#laws) {
      const wrong = law[when]?.(this.#watch);
      const text = wrong instanceof Promise ? await wrong : wrong;
      if (text) throw new LawBroken(law.promise, text);
    }
  }
}
