import type { Flip, Inputs } from '../evidence.ts';
import type { Law } from '../law.ts';
import { ago } from '../story.ts';

/** From the first known status that is not up to the next known up, through any unknown. */
export function incidents(): Law {
  return {
    promise: 'incidents that were told of are what the flips say',
    async ends({ world, evidence }) {
      const rows = await world.database.rows(
        `select check_id, opened_at, closed_at from incident where code <> 'found_later' order by id`,
      );
      for (const [checkId, flips] of Map.groupBy(evidence.flips, (flip) => flip.checkId)) {
        const have = rows.filter((row) => Number(row.check_id) === checkId);
        const pauses = have.flatMap(({ closed_at: closedAt }) =>
          closedAt !== null && wasPaused(evidence.inputs, checkId, Number(closedAt))
            ? [Number(closedAt)]
            : [],
        );
        const want = incidentsOf(flips, pauses);
        for (const [index, { openedAt, closedAt }] of want.entries()) {
          const row = have[index];
          if (Number(row?.opened_at) !== openedAt)
            return `check ${checkId} has no incident of ${ago(openedAt)}`;
          const closed = row?.closed_at === null ? null : Number(row?.closed_at);
          const byHand = closedAt === null && !evidence.states.get(checkId)?.incidentAt;
          if (closed !== closedAt && !byHand) {
            return `the incident of check ${checkId} from ${ago(openedAt)} ended ${closed === null ? 'never' : ago(closed)}, not ${closedAt === null ? 'never' : ago(closedAt)}`;
          }
        }
        if (have.length > want.length)
          return `check ${checkId} has ${have.length} incidents, not ${want.length}`;
      }
      return null;
    },
  };
}

/** A pause ends an incident, also one whose check was unknown already, so that no flip tells of it. */
function wasPaused(inputs: readonly Inputs[], checkId: number, at: number): boolean {
  const then = inputs.findLast((each) => each.at <= at);
  return then?.conf.checks.get(checkId)?.paused ?? false;
}

interface Span {
  openedAt: number;
  closedAt: number | null;
}

function incidentsOf(flips: readonly Flip[], pauses: readonly number[]): Span[] {
  const events = [
    ...flips.map(({ at, to, sinceAt, rule }) =>
      rule === 'paused' ? { at, to: 'paused' as const, sinceAt: at } : { at, to, sinceAt },
    ),
    ...pauses.map((at) => ({ at, to: 'paused' as const, sinceAt: at })),
  ].sort((a, b) => a.at - b.at);
  const found: Span[] = [];
  let open: Span | null = null;
  for (const { to, sinceAt } of events) {
    if (open && (to === 'up' || to === 'paused')) {
      open.closedAt = sinceAt;
      open = null;
    }
    if ((to === 'down' || to === 'degraded') && !open) {
      open = { openedAt: sinceAt, closedAt: null };
      found.push(open);
    }
  }
  return found;
}
