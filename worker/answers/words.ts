// From what is held to be so to readings, as if a runner had measured it: they take the same way to view, verdict,
// incident, message and history.
import { OWN } from '#core/assign.ts';
import { SILENT } from '#core/level.ts';
import type { Measurement } from '#core/reading.ts';
import type { Said } from '#core/said.ts';
import type { View } from '#core/view.ts';
import type { Result } from '#core/wire/results.ts';
import type { Configuration, PlannedCheck } from '#db/plan.ts';
import { type ViewRecord, writableRow } from '#db/views.ts';
import { write } from '#db/write.ts';
import { foldResults, storedResults } from '#worker/ingest/fold.ts';
import { type Post, resultsStatements, viewStatement } from '#worker/ingest/store.ts';
import { judge } from '#worker/judge/judge.ts';
import { parseSnapshot, snapshotStatements } from '#worker/judge/snapshot.ts';
import type { Platform } from '#worker/platform.ts';

const DAY_MS = 86_400_000;
/** What is held stands until something else is said, so its view need not be renewed with every word. */
const LASTS_MS = 14 * DAY_MS;
const RENEWED_AFTER_MS = 7 * DAY_MS;
/** A view that starts anew begins with the last word if that is as young as this. */
const FRESH_MS = 60_000;
/** The longest that is kept as a round trip; longer runs are told as a metric alone. */
const LONGEST_RTT_MS = 65_000;

/** What a view has yet to be told, as a reading; null = it says so already. */
export function wordFor(
  check: PlannedCheck,
  said: Said,
  view: View | null,
  { now, deaf }: { now: number; deaf: boolean },
): Result | null {
  const held = view !== null && view.rev === check.rev ? view : null;
  const word = { checkId: check.checkId, rev: check.rev, rttUs: null, code: said.code };
  if (said.level === null) {
    if (held === null || held.level === null || held.blind) return null;
    return { ...word, at: Math.max(now, held.at + 1), level: null, text: said.text, blind: true };
  }
  const { level, code, text } = said;
  const told = { ...word, level, text };
  const agrees =
    held !== null &&
    !held.blind &&
    held.level === level &&
    held.code === code &&
    held.text === text;
  if (!agrees) {
    const saidAt = level === SILENT ? said.dueAt : said.lastAt;
    const from = saidAt > (held?.at ?? now - FRESH_MS) ? Math.min(saidAt, now) : now;
    // Newer than the view in any case, whatever clock that was told by.
    const at = Math.max(from, (held?.at ?? 0) + 1);
    return { ...told, at, ...(at === said.lastAt && measured(said)) };
  }
  const quietFor = now - Math.max(held.at, said.lastAt);
  const isOld = quietFor >= check.intervalMs || now - held.at >= RENEWED_AFTER_MS;
  return isOld && !deaf ? { ...told, at: now } : null;
}

/** How long the run took, where its start was announced. */
export function measured({ runMs }: Pick<Said, 'runMs'>): Pick<Measurement, 'rttUs' | 'metrics'> {
  if (runMs === null) return { rttUs: null };
  return {
    rttUs: runMs <= LONGEST_RTT_MS ? runMs * 1000 : null,
    metrics: [{ name: 'run time', value: runMs / 1000, unit: 's' }],
  };
}

/** A post of the worker to itself; nothing of it needs to be idempotent. */
export function ownPost(shard: number, seq = 0): Post {
  return { shard, runnerId: OWN, stream: 'live', seq, hash: '', boot: '' };
}

/** Folds readings into the worker's own views of a shard, keeps and judges them. False = somebody was quicker. */
export async function tell(
  platform: Platform,
  shard: number,
  configuration: Configuration,
  record: ViewRecord | null,
  words: ReadonlyMap<PlannedCheck, Result>,
): Promise<boolean> {
  const now = platform.now();
  const row = writableRow(record, now);
  const byCheck = new Map([...words].map(([check, word]) => [check, [word]]));
  const renamed = new Set<number>();
  for (const [{ checkId, position }, word] of words) {
    if (row.get(position)?.text !== word.text) renamed.add(checkId);
  }
  const lasting = [...byCheck].map(
    ([check, word]) => [{ ...check, intervalMs: LASTS_MS / 2, timeoutMs: 0 }, word] as const,
  );
  const folded = foldResults(row, new Map(lasting), 0, now);
  const changed = new Set([...folded.changed, ...renamed]);
  const unjudged = record !== null && record.seq !== record.judgedSeq;
  const quiet = changed.size === 0 && !unjudged;
  const post = ownPost(shard, (record?.liveSeq ?? 0) + 1);
  const kept = resultsStatements(post, storedResults(byCheck), now);
  const written = await write(platform.db, [
    viewStatement(post, record, { bytes: row.bytes(), baseAt: row.baseAt }, now, quiet),
    ...kept,
    ...(quiet ? [] : snapshotStatements(shard)),
  ]);
  if (written[0]?.rowsAffected === 0) return false;
  if (!quiet) {
    const snapshot = parseSnapshot(shard, written.slice(1 + kept.length));
    await judge(platform, shard, configuration, unjudged ? null : changed, snapshot);
  }
  return true;
}
