// Packs of evidence by incident: a pack lies where its check and its time put it, so an incident that opens after its
// packs came, or whose beginning history moves, has them all the same.
import type { InStatement } from '@libsql/client';

/** Between a first bad reading and the incident it leads to, or an incident's end and the last recovery. */
export const EVIDENCE_SLACK_MS = 10 * 60_000;
/** What has become of no incident by then never will. */
export const EVIDENCE_WAITS_MS = 3_600_000;

/** Packs a runner may have. */
export const PACKS_PER_RUNNER = 2 ** 30;

/** The keys of a runner's packs, both inclusive. */
export function evidenceKeysOf(runnerId: number): [from: number, to: number] {
  return [runnerId * PACKS_PER_RUNNER, runnerId * PACKS_PER_RUNNER + PACKS_PER_RUNNER - 1];
}

export function runnerOfEvidenceKey(k: number): number {
  return Math.floor(k / PACKS_PER_RUNNER);
}

/** Drops what became of no incident, and what is older than details are kept. */
export function forgetEvidence(now: number, keptMs: number): InStatement {
  return {
    sql: `delete from evidence where k in (
            select e.k from evidence e where e.at < ?1 or (e.at < ?2 and not exists (
              select 1 from incident i where i.check_id = e.check_id and i.opened_at <= e.at + ?3
                and (i.closed_at is null or i.closed_at >= e.at - ?3))))`,
    args: [now - keptMs, now - EVIDENCE_WAITS_MS, EVIDENCE_SLACK_MS],
  };
}
