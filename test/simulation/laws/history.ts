import { fromLog16, toLog16 } from '#core/store/log16.ts';
import type { Law, Watch } from '../law.ts';
import { ago } from '../story.ts';
import { type Told, tellHistory } from '../told.ts';

/** What arrived for an hour that was closed is looked for when the span it arrived in is over, by the next tick. */
const LATE_LOOK_MS = 4 * 60_000 + 60_000;
const CLOSES_AFTER_MS = 90_000;

/** Asked at the front door: readings that were folded hours ago and readings of this minute alike. */
export function history(): Law {
  return {
    promise:
      'history holds every result that was taken, once, at its time and with its round trip, and nothing else',
    async ends(watch) {
      for (const told of await tellHistory(watch)) {
        const wrong = compare(watch, told);
        if (wrong) return `check ${told.checkId}: ${wrong}`;
      }
      return null;
    },
  };
}

interface Taken {
  rttUs: number | null;
  /** It may not be there yet. */
  fresh: boolean;
}

function compare(watch: Watch, { checkId, createdAt, series }: Told): string | null {
  const byLocation = taken(watch, checkId, createdAt);
  for (const { name, points } of series.locations) {
    const due = byLocation.get(name) ?? new Map<number, Taken[]>();
    for (const { at, rtt } of points) {
      const known = due.get(at);
      if (!known)
        return `history has a reading of ${name} at ${ago(at)} that nobody took, or twice`;
      due.delete(at);
      // Of two at the same moment one is kept.
      if (!known.some(({ rttUs }) => rttUs === (rtt?.minUs ?? null))) {
        return `history says ${rtt?.minUs ?? 'nothing'} for the round trip of ${name} at ${ago(at)}; it was ${known[0]?.rttUs}`;
      }
    }
    byLocation.set(name, due);
  }
  for (const [name, due] of byLocation) {
    for (const [at, list] of due) {
      if (list.some(({ fresh }) => !fresh))
        return `history lacks the reading of ${name} at ${ago(at)}`;
    }
  }
  return null;
}

/** What the worker took of a check, by location and time. */
function taken(
  { world, evidence }: Watch,
  checkId: number,
  createdAt: number,
): Map<string, Map<number, Taken[]>> {
  const { endAt, tickMs } = world.plan;
  const found = new Map<string, Map<number, Taken[]>>();
  for (const { at: arrivedAt, post, results } of evidence.kept) {
    const { location } = world.machine(post.machine);
    for (const { result, old } of results) {
      const { at, level, rttUs, blind } = result;
      if (result.checkId !== checkId || at < createdAt) continue;
      const good = level !== null && level < 300 && !blind && !old && rttUs !== null;
      const late = arrivedAt >= hourEnd(at) + CLOSES_AFTER_MS;
      const fresh = at >= endAt || (late && arrivedAt > endAt - LATE_LOOK_MS - 2 * tickMs);
      const times = found.get(location) ?? new Map<number, Taken[]>();
      found.set(location, times);
      const known = { rttUs: good ? fromLog16(toLog16(rttUs)) : null, fresh };
      times.set(at, [...(times.get(at) ?? []), known]);
    }
  }
  return found;
}

function hourEnd(at: number): number {
  return (Math.floor(at / 3_600_000) + 1) * 3_600_000;
}
