// A batch of results onto the views of the runner that sent it.
import type { Metric, Reading } from '#core/reading.ts';
import type { StoredResult } from '#core/store/segment.ts';
import type { ViewRow } from '#core/store/viewRow.ts';
import { foldAll, turned, voteChanged } from '#core/view.ts';
import { MAX_FUTURE_MS, type Result } from '#core/wire/results.ts';
import type { PlannedCheck } from '#db/plan.ts';

/** The results that count, by check; the rest is counted as dropped. */
export interface Sorted {
  byCheck: Map<PlannedCheck, Result[]>;
  dropped: number;
}

export interface SortRules {
  planned: (checkId: number) => PlannedCheck | undefined;
  assigned: (check: PlannedCheck) => boolean;
  now: number;
  /** Results older than this are not kept any more. */
  reachMs: number;
}

/** Unknown, unassigned, far-future and far-past results are dropped one by one, never the batch for them. */
export function sortResults(results: readonly Result[], rules: SortRules): Sorted {
  const byCheck = new Map<PlannedCheck, Result[]>();
  let dropped = 0;
  for (const result of results) {
    const check = rules.planned(result.checkId);
    const kept = result.at <= rules.now + MAX_FUTURE_MS && result.at >= rules.now - rules.reachMs;
    if (!check || !kept || !rules.assigned(check)) {
      dropped++;
      continue;
    }
    const list = byCheck.get(check);
    if (list) list.push(result);
    else byCheck.set(check, [result]);
  }
  return { byCheck, dropped };
}

/** What came of a batch. */
export interface Folded {
  /** Ids of checks whose vote changed. */
  changed: Set<number>;
  /** Checks that this location, by itself, saw turn bad or good again. */
  turned: PlannedCheck[];
}

/** Folds live results into the row. Results of another revision do not fold. */
export function foldResults(
  row: ViewRow,
  byCheck: Sorted['byCheck'],
  flushMs: number,
  now: number,
): Folded {
  const changed = new Set<number>();
  const turning: PlannedCheck[] = [];
  for (const [check, results] of byCheck) {
    const readings: Reading[] = results.filter(({ rev }) => rev === check.rev);
    if (readings.length === 0) continue;
    const before = row.get(check.position);
    const held = before !== null && before.rev === check.rev ? before : null;
    const after = foldAll(held, check.rev, readings, check, { ...check, flushMs });
    row.set(check.position, after);
    if (voteChanged(held, after, now) || (held === null && before !== null))
      changed.add(check.checkId);
    if (turned(held, after) && !readings.some(({ asked }) => asked)) turning.push(check);
  }
  return { changed, turned: turning };
}

/** A result as the store takes it. */
export interface KeptResult extends StoredResult {
  metrics?: Metric[];
}

/** As the rows of results keep them. */
export function storedResults(
  byCheck: ReadonlyMap<Pick<PlannedCheck, 'position' | 'intervalMs' | 'rev'>, Result[]>,
): KeptResult[] {
  const stored: KeptResult[] = [];
  for (const [{ position, intervalMs, rev }, results] of byCheck) {
    for (const result of results) {
      const { at, level, rttUs, code, blind = false, asked = false, metrics } = result;
      const old = result.rev !== rev;
      stored.push({
        position,
        intervalMs,
        at,
        level,
        rttUs,
        code,
        blind,
        old,
        asked,
        ...(metrics && metrics.length > 0 && { metrics }),
      });
    }
  }
  return stored;
}
