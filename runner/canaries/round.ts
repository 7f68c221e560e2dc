import { type Canary, type CanaryState, sightOf } from './canary.ts';

/** The time a canary is given, a little less than a round may take. */
const ASK_MS = 1800;

/** One look at all canaries. What it says is known as soon as no answer to come could change it. */
export class Round {
  readonly #now: () => number;
  #states: CanaryState[];
  #waiting: number;
  /** Whether the network may be trusted. */
  readonly sees: Promise<boolean>;
  /** All have answered, or had their time. */
  readonly over: Promise<void>;
  #decided: (sees: boolean) => void = () => {};
  #ended: () => void = () => {};

  constructor(canaries: readonly Canary[], okAt: ReadonlyMap<string, number>, now: () => number) {
    this.#now = now;
    this.#states = canaries.map(({ name, far }) => {
      return { name, far, ok: null, okAt: okAt.get(name) ?? null };
    });
    this.#waiting = canaries.length;
    this.sees = new Promise((resolve) => {
      this.#decided = resolve;
    });
    this.over = new Promise((resolve) => {
      this.#ended = resolve;
    });
    for (const [index, state] of [...this.#states].entries()) {
      canaries[index]?.ask(ASK_MS).then((answer) => this.#answered(state, answer));
    }
    this.#decide();
    if (this.#waiting === 0) this.end();
  }

  get states(): CanaryState[] {
    return this.#states;
  }

  /** Time is up: who has not answered has failed. */
  end(): void {
    for (const state of this.#states) state.ok ??= false;
    this.#decide();
    this.#ended();
  }

  #answered(state: CanaryState, answer: boolean | null): void {
    // This very machine answers whatever becomes of the network.
    if (answer === null) this.#states = this.#states.filter((each) => each !== state);
    else state.ok ??= answer;
    if (state.ok) state.okAt = this.#now();
    this.#waiting--;
    if (this.#waiting === 0) this.end();
    else this.#decide();
  }

  #decide(): void {
    const sight = sightOf(this.#states, this.#now());
    if (sight !== null) this.#decided(sight === 'sees');
  }
}
