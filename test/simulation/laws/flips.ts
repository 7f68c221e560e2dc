import type { Evidence, Flip } from '../evidence.ts';
import { ideal, type Verdict } from '../ideal.ts';
import type { Law } from '../law.ts';
import { ago } from '../story.ts';

/** The optimistic write promises that a decision takes effect only while everything it rests on still stands. */
export function flips(): Law {
  const last = new Map<number, Verdict>();
  return {
    promise: 'every flip follows from what was known when it was decided, and from the flip before',
    wrote({ world, evidence }) {
      for (const flip of evidence.newFlips) {
        const { checkId, from, to, at, sinceAt } = flip;
        const was = last.get(checkId) ?? 'unknown';
        if (from !== was) return `check ${checkId} went from ${from} to ${to} when it was ${was}`;
        if (from === to) return `check ${checkId} went from ${from} to ${to}`;
        if (at > world.clock.nowMs || sinceAt > at) {
          return `check ${checkId} is ${to} since ${ago(sinceAt)}, decided ${ago(at)}`;
        }
        last.set(checkId, to);
        const should = verdicts(evidence, flip);
        if (!should.has(to)) {
          return `check ${checkId} became ${to} (${flip.rule}) at ${ago(at)} when all that was known said ${[...should].join(' or ')}`;
        }
      }
      return null;
    },
  };
}

/**
 * What may rightly have been concluded: the guard holds views still, and the rest may be moments old. A post that was
 * taken meanwhile may be judged by a configuration from before it.
 */
function verdicts(evidence: Evidence, { checkId, at, rule }: Flip): Set<Verdict> {
  const found = new Set<Verdict>();
  const { postedAt } = evidence.now;
  for (const inputs of evidence.since(at).flatMap((each) => [each, { ...each, postedAt }])) {
    const check = inputs.conf.checks.get(checkId);
    if (!check) continue;
    if (check.paused) found.add('unknown');
    else if (rule !== 'paused') {
      found.add(ideal(check, inputs, (runnerId) => evidence.seenBy(runnerId, checkId), at));
    }
  }
  return found;
}
