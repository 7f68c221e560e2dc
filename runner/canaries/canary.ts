// Canaries: things that answer as long as this runner's own network works.

/** One thing to look at. */
export interface Canary {
  /** "gateway 192.0.2.1": the same over rounds and restarts. */
  name: string;
  /** Beyond this site's own network. */
  far: boolean;
  /** Whether it answered within `timeoutMs`; null when it turned out to be this very machine. Never rejects. */
  ask: (timeoutMs: number) => Promise<boolean | null>;
}

/** What is known of a canary. */
export interface CanaryState {
  name: string;
  far: boolean;
  /** Null while it has not answered yet in this round. */
  ok: boolean | null;
  /** When it last answered, epoch ms; null = never. */
  okAt: number | null;
}

/** A canary counts when it has answered within this long: what never answers says nothing. */
export const COUNTS_FOR_MS = 24 * 3_600_000;

export function counts({ okAt }: CanaryState, now: number): boolean {
  return okAt !== null && now - okAt <= COUNTS_FOR_MS;
}

/**
 * What a round says so far; null = not decided yet. Blind when all that count fail, and when two or more beyond this
 * site count and all of those fail: the next router (or the bridge of a container) answers without an uplink too.
 */
export function sightOf(states: readonly CanaryState[], now: number): 'sees' | 'blind' | null {
  const counting = states.filter((state) => counts(state, now));
  const far = counting.filter((state) => state.far);
  const groups = far.length >= 2 ? [far, counting] : [counting];
  if (groups.some(allFail)) return 'blind';
  return groups.every((group) => group.length === 0 || group.some(({ ok }) => ok === true))
    ? 'sees'
    : null;
}

function allFail(group: readonly CanaryState[]): boolean {
  return group.length > 0 && group.every(({ ok }) => ok === false);
}
