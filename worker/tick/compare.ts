// What each runner says against what other locations say of the same checks.
import { isSilent } from '#core/fleet.ts';
import type { Hearing } from '#core/pulse.ts';
import { type CheckVote, type Comparison, compareVotes } from '#core/trust.ts';
import { hasVote } from '#core/view.ts';
import type { Configuration } from '#db/plan.ts';
import type { ViewRecord } from '#db/views.ts';

/** How many checks a runner must call down before anything is compared at all. */
const SUSPICIOUS = 4;

/** Worth comparing: somebody calls several checks of a shard down, or is quarantined already. */
export function isSuspicious(
  records: readonly ViewRecord[],
  quarantined: ReadonlySet<number>,
): boolean {
  return records.some(
    ({ runnerId, row }) => quarantined.has(runnerId) || (row?.countDown() ?? 0) >= SUSPICIOUS,
  );
}

export interface Compared {
  configuration: Configuration;
  records: readonly ViewRecord[];
}

/** Over all the shards given. */
export function compareRunners(
  shards: readonly Compared[],
  {
    flushMs,
    heard,
    quarantined,
  }: { flushMs: number; heard: Hearing; quarantined: ReadonlySet<number> },
): Map<number, Comparison> {
  return compareVotes(
    shards.flatMap(({ configuration: { plan, fleet }, records }) => {
      const speaking = records.filter(
        ({ postedAt }) => !isSilent(postedAt, heard.judgedAt, flushMs),
      );
      return [...plan.byId.values()].map((check) => {
        if (check.paused) return [];
        return speaking.flatMap(({ runnerId, row }): CheckVote[] => {
          const view = row?.get(check.position) ?? null;
          const runner = fleet.runners.find(({ id }) => id === runnerId);
          if (view === null || view.level === null || view.rev !== check.rev) return [];
          if (runner?.locationId == null || runner.status !== 'active') return [];
          if (!hasVote(view, heard.judgedAt)) return [];
          const { level, at, badSinceAt } = view;
          const { locationId } = runner;
          return [
            { runnerId, locationId, level, at, badSinceAt, quarantined: quarantined.has(runnerId) },
          ];
        });
      });
    }),
  );
}
