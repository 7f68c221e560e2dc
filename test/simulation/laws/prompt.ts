import type { Inputs } from '../evidence.ts';
import { ideal, type Verdict } from '../ideal.ts';
import type { Law, Watch } from '../law.ts';
import { isOldNews } from '../oldNews.ts';
import type { Seen } from '../seen.ts';
import { ago } from '../story.ts';

/** All trouble of the past is over after this, with a tick. */
const WELL_MS = 150_000;

interface Differs {
  want: Verdict;
  since: number;
}

/** However short an outage is: once a post made it known, it is judged there and then, and so owes its messages. */
export function prompt(): Law {
  const differs = new Map<number, Differs>();
  return {
    promise: 'what a post makes known is held at once, not only with a tick',
    wrote(watch) {
      const { world, evidence } = watch;
      const { nowMs } = world.clock;
      for (const { stream, results, runnerId } of evidence.newKept) {
        if (stream !== 'live') continue;
        for (const checkId of new Set(results.map(({ result }) => result.checkId))) {
          if (!changedVote(watch, runnerId, checkId)) continue;
          const want = wanted(watch, checkId);
          if (want === null || want === held(watch, checkId)) differs.delete(checkId);
          else if (want !== wantedBefore(watch, checkId))
            differs.set(checkId, { want, since: nowMs });
        }
      }
      // What was held even for a moment has been told.
      for (const [checkId, { want }] of differs) {
        if (held(watch, checkId) === want) differs.delete(checkId);
      }
      return null;
    },
    looks(watch) {
      const { world, evidence } = watch;
      const { nowMs } = world.clock;
      const troubledAt = Math.max(
        world.workerWellSince,
        evidence.confChangedAt,
        ...world.isolates.map(({ gaveUpAt }) => gaveUpAt),
      );
      const isWell = nowMs - troubledAt > WELL_MS + 2 * world.plan.tickMs;
      const promptMs = 1000 + 40 * world.plan.databaseMs;
      for (const [checkId, { want, since }] of differs) {
        if (wanted(watch, checkId) !== want || isOldNews(watch, checkId, want))
          differs.delete(checkId);
        else if (isWell && nowMs - since > promptMs)
          return `a post of ${ago(since)} made known that check ${checkId} is ${want}; it is held ${held(watch, checkId)} at ${ago(nowMs)}`;
      }
      return null;
    },
  };
}

function held({ evidence }: Watch, checkId: number): Verdict {
  return evidence.states.get(checkId)?.status ?? 'unknown';
}

/** Of two runners of a location that disagree the newer counts: that their turns change is the tick's affair. */
function changedVote({ world, evidence }: Watch, runnerId: number, checkId: number): boolean {
  const { nowMs } = world.clock;
  const voteOf = (seen: Seen | undefined) => (seen?.hasVote(nowMs) ? seen.said : null);
  const before = voteOf(evidence.seenBefore(runnerId, checkId));
  return before !== voteOf(evidence.seenBy(runnerId, checkId));
}

/** Null while nobody is to know. */
function wanted({ world, evidence }: Watch, checkId: number): Verdict | null {
  const seen = (runnerId: number) => evidence.seenBy(runnerId, checkId);
  return verdict(evidence.now, checkId, seen, world.clock.nowMs);
}

/** What was to be held at this very moment, but for the post just stored: time alone is the tick's affair. */
function wantedBefore({ world, evidence }: Watch, checkId: number): Verdict | null {
  const inputs = evidence.inputs.at(-2) ?? evidence.now;
  const seen = (runnerId: number) => evidence.seenBefore(runnerId, checkId);
  return verdict(inputs, checkId, seen, world.clock.nowMs);
}

function verdict(
  inputs: Inputs,
  checkId: number,
  seen: (runnerId: number) => Seen | undefined,
  now: number,
): Verdict | null {
  const check = inputs.conf.checks.get(checkId);
  return check && !check.paused ? ideal(check, inputs, seen, now) : null;
}
