import { ideal, type Verdict } from '../ideal.ts';
import type { Law } from '../law.ts';
import { isOldNews } from '../oldNews.ts';
import { ago } from '../story.ts';

/** An edit is noticed with the next judgement, which some deadline brings at the latest. */
const AFTER_EDIT_MS = 300_000;

/** A post of this moment is still being judged when the world ends. */
const JUDGING_MS = 5_000;

/** Whatever crashed between two writes, the tick takes it up. */
export function held(): Law {
  const differsSince = new Map<number, number>();
  return {
    promise: 'what is held is what can be known, but for a moment',
    looks(watch) {
      const { world, evidence } = watch;
      const { clock, plan, workerWellSince } = world;
      const now = clock.nowMs;
      const edited = now - evidence.confChangedAt < AFTER_EDIT_MS + 2 * plan.tickMs;
      const patienceMs = edited ? AFTER_EDIT_MS : plan.tickMs + 15_000;
      for (const check of evidence.now.conf.checks.values()) {
        const { id } = check;
        const have = evidence.states.get(id)?.status ?? 'unknown';
        const want: Verdict = check.paused
          ? 'unknown'
          : ideal(check, evidence.now, (runnerId) => evidence.seenBy(runnerId, id), now);
        if (have === want || isOldNews(watch, id, want)) {
          differsSince.delete(id);
          continue;
        }
        const since = differsSince.get(id) ?? now;
        differsSince.set(id, since);
        if (now - Math.max(since, workerWellSince) > patienceMs) {
          return `check ${id} is held ${have} and should be ${want} since ${ago(since)}`;
        }
      }
      return null;
    },
    async ends({ world }) {
      const rows = await world.database.rows(
        'select k from view where seq <> judged_seq and posted_at < ?',
        [world.clock.nowMs - JUDGING_MS],
      );
      return rows.length > 0 ? `${rows.length} rows of views are not judged` : null;
    },
  };
}
