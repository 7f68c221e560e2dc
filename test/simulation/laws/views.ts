import { agree } from '../evidence.ts';
import type { Law } from '../law.ts';
import { ago } from '../story.ts';

/** Neither late nor old nor repeated readings move the present. */
export function views(): Law {
  return {
    promise: 'a view says what its live readings of the revision in force say, and nothing else',
    wrote({ evidence }) {
      for (const { runnerId, stream } of evidence.newKept) {
        const row = evidence.rows.get(runnerId);
        for (const { id, position, rev } of evidence.now.conf.checks.values()) {
          const view = row?.get(position) ?? null;
          const seen = evidence.seenBy(runnerId, id);
          if (!seen && view?.rev !== rev) continue;
          if (seen && agree(seen, view)) continue;
          const said = view ? `rev ${view.rev} level ${view.level} at ${ago(view.at)}` : 'nothing';
          const should = seen
            ? `rev ${seen.rev} ${seen.said} at ${ago(seen.at)}${seen.blind ? ' blind' : ''}`
            : 'nothing';
          return `after a ${stream} post runner ${runnerId} says of check ${id}: ${said}; it should say ${should}`;
        }
      }
      return null;
    },
  };
}
