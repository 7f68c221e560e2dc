// Which runners are believed: one whose checks fail en masse while other locations see them up is quarantined, and one
// that says itself that its network is gone is told of. Each is told once.
import type { FleetState, RunnerState } from './fleet.ts';
import { type Level, statusOf } from './level.ts';
import type { Hearing } from './pulse.ts';

/** What one runner says of one check, fresh and confirmed. */
export interface CheckVote {
  runnerId: number;
  locationId: number;
  level: Level;
  /** Its newest reading. */
  at: number;
  /** Start of its newest run of bad readings; null while good. */
  badSinceAt: number | null;
  /** Quarantined runners are compared, but bear no witness. */
  quarantined: boolean;
}

/** How one runner's votes compare with what others say of the same checks. */
export interface Comparison {
  /** Checks it votes on, and those of them it calls down. */
  votes: number;
  down: number;
  /** Checks of which another location has something to say to compare with. */
  shared: number;
  /** Of those, it says down while another has since seen it up. */
  contradicted: number;
}

/** Compares, given the votes on each check. */
export function compareVotes(checks: Iterable<readonly CheckVote[]>): Map<number, Comparison> {
  const comparisons = new Map<number, Comparison>();
  for (const votes of checks) {
    for (const vote of votes) {
      const own = comparisons.get(vote.runnerId) ?? newComparison();
      comparisons.set(vote.runnerId, own);
      own.votes++;
      const isDown = statusOf(vote.level) === 'down';
      if (isDown) own.down++;
      const others = votes.filter(
        (other) => other.locationId !== vote.locationId && !other.quarantined,
      );
      const word = isDown ? wordAgainst(vote, others) : others.length > 0 ? 'agrees' : null;
      if (word !== null) own.shared++;
      if (word === 'contradicts') own.contradicted++;
    }
  }
  return comparisons;
}

function newComparison(): Comparison {
  return { votes: 0, down: 0, shared: 0, contradicted: 0 };
}

/** Only who looked after the failures began can contradict them. */
function wordAgainst(
  { badSinceAt }: CheckVote,
  others: readonly CheckVote[],
): 'agrees' | 'contradicts' | null {
  const good = others.filter(({ level }) => statusOf(level) !== 'down');
  if (good.some(({ at }) => at > (badSinceAt ?? 0))) return 'contradicts';
  return good.length < others.length ? 'agrees' : null;
}

const ENOUGH = 5;

/**
 * Quarantine at 80 % contradicted, trust again below 50 %. With too little to compare, one that is quarantined stays so
 * for as long as most of what it says is down.
 */
export function isQuarantined(
  was: boolean,
  { votes, down, shared, contradicted }: Comparison,
): boolean {
  if (shared >= ENOUGH) return contradicted / shared >= (was ? 0.5 : 0.8);
  return was && (votes === 0 || down / votes >= 0.5);
}

/** What is known of a runner at a tick. */
export interface RunnerSight {
  runnerId: number;
  /** Null = nothing to compare. */
  comparison: Comparison | null;
  /** Since when it says of itself that it cannot trust its network; null = it can. */
  blindSinceAt: number | null;
}

export type TrustEvent =
  | { type: 'runner.quarantined' | 'runner.trusted'; runnerId: number; sinceAt: number }
  | { type: 'runner.blind' | 'runner.sees'; runnerId: number; sinceAt: number };

/** Doubts must last this long: two ticks of a minute. */
const QUARANTINE_AFTER_MS = 45_000;
/** A network that is gone for less is not worth a message. */
const BLIND_TOLD_AFTER_MS = 60_000;

/** One tick over the runners of `fleet` (as `stepFleet` left it). A deaf worker changes its mind about nobody. */
export function stepTrust(
  fleet: FleetState,
  sights: readonly RunnerSight[],
  heard: Hearing,
): { fleet: FleetState; events: TrustEvent[] } {
  const after: FleetState = { ...fleet };
  const events: TrustEvent[] = [];
  if (heard.deaf) return { fleet: after, events };
  for (const sight of sights) {
    const before = fleet[sight.runnerId];
    // Of one that is silent nothing new is known.
    if (before === undefined || before.silentSinceAt !== null) continue;
    const doubted = doubt(before, sight, heard.judgedAt, events);
    after[sight.runnerId] = blindness(doubted, sight, heard.judgedAt, events);
  }
  return { fleet: after, events };
}

function doubt(
  before: RunnerState,
  { runnerId, comparison }: RunnerSight,
  now: number,
  events: TrustEvent[],
): RunnerState {
  const { quarantinedSinceAt, doubtedSinceAt = null } = before;
  const was = quarantinedSinceAt !== null;
  const isNow = isQuarantined(was, comparison ?? newComparison());
  if (was) {
    if (isNow) return before;
    events.push({ type: 'runner.trusted', runnerId, sinceAt: quarantinedSinceAt });
    return { ...before, quarantinedSinceAt: null, doubtedSinceAt: null };
  }
  if (!isNow) return doubtedSinceAt === null ? before : { ...before, doubtedSinceAt: null };
  const sinceAt = doubtedSinceAt ?? now;
  if (now - sinceAt < QUARANTINE_AFTER_MS) return { ...before, doubtedSinceAt: sinceAt };
  events.push({ type: 'runner.quarantined', runnerId, sinceAt });
  return { ...before, quarantinedSinceAt: sinceAt, doubtedSinceAt: null };
}

function blindness(
  before: RunnerState,
  { runnerId, blindSinceAt }: RunnerSight,
  now: number,
  events: TrustEvent[],
): RunnerState {
  const toldSinceAt = before.blindSinceAt ?? null;
  if (toldSinceAt !== null && blindSinceAt === null) {
    events.push({ type: 'runner.sees', runnerId, sinceAt: toldSinceAt });
    return { ...before, blindSinceAt: null };
  }
  if (toldSinceAt !== null || blindSinceAt === null) return before;
  if (now - blindSinceAt < BLIND_TOLD_AFTER_MS) return before;
  events.push({ type: 'runner.blind', runnerId, sinceAt: blindSinceAt });
  return { ...before, blindSinceAt };
}

/** Those that are quarantined. */
export function quarantinedIn(fleet: FleetState): ReadonlySet<number> {
  const ids = Object.entries(fleet).filter(([, state]) => state.quarantinedSinceAt !== null);
  return new Set(ids.map(([id]) => Number(id)));
}
