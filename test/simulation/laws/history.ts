import { fromLog16, toLog16 } from '#core/store/log16.ts';
import type { Law, Watch } from '../law.ts';
import { ago } from '../story.ts';
import { type Told, tellHistory } from '../told.ts';

/** Asked at the front door: readings that were folded hours ago and readings of this minute alike. */
export function history(): Law {
  return {
    promise:
      'history holds every result that was taken, once, at its time and with its round trip, and nothing else',
    async folded(watch) {
      for (const told of await tellHistory(watch)) {
        const wrong = compare(watch, told);
        if (wrong) return `check ${told.checkId}: ${wrong}`;
      }
      return null;
    },
  };
}

/** By time, the round trips of the good ones; null of others. */
type Taken = Map<number, Array<number | null>>;

function compare(watch: Watch, { checkId, createdAt, series }: Told): string | null {
  const byLocation = taken(watch, checkId, createdAt);
  for (const { name, points } of series.locations) {
    const due = byLocation.get(name) ?? new Map();
    for (const { at, rtt } of points) {
      const known = due.get(at);
      if (!known)
        return `history has a reading of ${name} at ${ago(at)} that nobody took, or twice`;
      due.delete(at);
      // Of two at the same moment one is kept.
      if (!known.includes(rtt?.minUs ?? null)) {
        return `history says ${rtt?.minUs ?? 'nothing'} for the round trip of ${name} at ${ago(at)}; it was ${known.join(' or ')}`;
      }
    }
    byLocation.set(name, due);
  }
  for (const [name, due] of byLocation) {
    for (const at of due.keys()) return `history lacks the reading of ${name} at ${ago(at)}`;
  }
  return null;
}

/** What the worker took of a check, by location. */
function taken({ world, evidence }: Watch, checkId: number, createdAt: number): Map<string, Taken> {
  const found = new Map<string, Taken>();
  for (const { post, results } of evidence.kept) {
    const { location } = world.machine(post.machine);
    for (const { result, old } of results) {
      const { at, level, rttUs, blind } = result;
      if (result.checkId !== checkId || at < createdAt) continue;
      const good = level !== null && level < 300 && !blind && !old && rttUs !== null;
      const times = found.get(location) ?? new Map();
      found.set(location, times);
      times.set(at, [...(times.get(at) ?? []), good ? fromLog16(toLog16(rttUs)) : null]);
    }
  }
  return found;
}
