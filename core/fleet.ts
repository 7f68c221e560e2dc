// The runners as a fleet: who is silent, and the one message that is owed about it.
import type { Hearing } from './pulse.ts';

export interface RunnerPost {
  runnerId: number;
  /** Last post of any kind; 0 = never. */
  postedAt: number;
}

/** What is remembered of a runner between ticks. */
export interface RunnerState {
  silentSinceAt: number | null;
  /** Its peers have its checks, for it has not posted for a while; absent or null = it has them itself. */
  awaySinceAt?: number | null;
  /** Its checks fail en masse while other locations see them up (core/trust.ts). */
  quarantinedSinceAt: number | null;
  /** Since when that is suspected; absent or null = it is not. */
  doubtedSinceAt?: number | null;
  /** Since when it cannot trust its own network, once that was told; absent or null = it can. */
  blindSinceAt?: number | null;
}

export type FleetState = Record<string, RunnerState>;

export type FleetEvent =
  | { type: 'runner.silent'; runnerIds: number[]; all: boolean; sinceAt: number }
  | { type: 'runner.back'; runnerIds: number[] }
  /** Told to nobody: its checks go to its peers, or come back to it. */
  | { type: 'runner.away' | 'runner.returned'; runnerIds: number[] };

/** A runner is silent after this long without a post. */
export function silentAfterMs(flushMs: number): number {
  return Math.max(90_000, 4 * flushMs);
}

/** Peers take over long before a runner is called silent: two probes of a check cost less than none. */
export function awayAfterMs(flushMs: number): number {
  return Math.max(30_000, 3 * flushMs);
}

/** By the time `judgedAt`; a deaf worker calls nobody newly silent, because its clock stands still. */
export function isSilent(postedAt: number, judgedAt: number, flushMs: number): boolean {
  return judgedAt > postedAt + silentAfterMs(flushMs);
}

/** One tick over the enabled runners. All falling silent in the same tick is one event, marked `all`. */
export function stepFleet(
  before: FleetState,
  runners: readonly RunnerPost[],
  heard: Hearing,
  flushMs: number,
): { fleet: FleetState; events: FleetEvent[] } {
  const fleet: FleetState = {};
  const silent: number[] = [];
  const back: number[] = [];
  const away: number[] = [];
  const returned: number[] = [];
  let sinceAt = 0;
  for (const { runnerId, postedAt } of runners) {
    const was = before[runnerId] ?? { silentSinceAt: null, quarantinedSinceAt: null };
    const isNow = postedAt > 0 && isSilent(postedAt, heard.judgedAt, flushMs);
    let silentSinceAt = was.silentSinceAt;
    if (isNow && silentSinceAt === null && !heard.deaf) {
      silentSinceAt = postedAt;
      silent.push(runnerId);
      sinceAt = Math.max(sinceAt, postedAt);
    } else if (!isNow && silentSinceAt !== null) {
      silentSinceAt = null;
      back.push(runnerId);
    }
    const isAway = postedAt > 0 && heard.judgedAt > postedAt + awayAfterMs(flushMs);
    let awaySinceAt = was.awaySinceAt ?? null;
    if (isAway && awaySinceAt === null && !heard.deaf) {
      awaySinceAt = postedAt;
      away.push(runnerId);
    } else if (!isAway && awaySinceAt !== null) {
      awaySinceAt = null;
      returned.push(runnerId);
    }
    fleet[runnerId] = { ...was, silentSinceAt, awaySinceAt };
  }
  const events: FleetEvent[] = [];
  if (silent.length > 0) {
    const all = runners.every(
      ({ runnerId, postedAt }) => postedAt === 0 || fleet[runnerId]?.silentSinceAt !== null,
    );
    events.push({ type: 'runner.silent', runnerIds: silent, all, sinceAt });
  }
  if (back.length > 0) events.push({ type: 'runner.back', runnerIds: back });
  if (away.length > 0) events.push({ type: 'runner.away', runnerIds: away });
  if (returned.length > 0) events.push({ type: 'runner.returned', runnerIds: returned });
  return { fleet, events };
}
