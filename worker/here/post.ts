// What the worker saw itself, on the way that a runner's results take: view row, results, judgement.
import { HERE } from '#core/assign.ts';
import type { ViewRow } from '#core/store/viewRow.ts';
import type { Result } from '#core/wire/results.ts';
import { viewKey } from '#db/db.ts';
import type { Configuration, PlannedCheck } from '#db/plan.ts';
import { VIEW_COLUMNS, type ViewRecord, viewRecord, writableRow } from '#db/views.ts';
import { write } from '#db/write.ts';
import { answerQuietly } from '#worker/answers/look.ts';
import { configurationOf, flushMsOf } from '#worker/ingest/configuration.ts';
import { confirmBurst } from '#worker/ingest/confirm.ts';
import { foldResults, storedResults } from '#worker/ingest/fold.ts';
import { type Post, resultsStatements, viewStatement } from '#worker/ingest/store.ts';
import { judge } from '#worker/judge/judge.ts';
import { parseSnapshot, snapshotStatements } from '#worker/judge/snapshot.ts';
import type { Platform } from '#worker/platform.ts';

const TRIES = 5;

/** Folds, keeps and judges readings of checks of one shard; gives the views as they stand then, null when others were always quicker. `health`: what the worker has to say of its own sight. */
export async function postFromHere(
  platform: Platform,
  shard: number,
  version: number,
  readings: ReadonlyMap<number, Result>,
  health: string | null,
): Promise<ViewRow | null> {
  const configuration = await configurationOf(platform, shard, version);
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const row = await store(platform, shard, configuration, readings, health);
    if (row !== null) return row;
  }
  platform.log('warn', 'what the worker saw could not be kept', { shard });
  return null;
}

async function store(
  platform: Platform,
  shard: number,
  configuration: Configuration,
  readings: ReadonlyMap<number, Result>,
  health: string | null,
): Promise<ViewRow | null> {
  const now = platform.now();
  const record = await readRecord(platform, shard);
  const row = writableRow(record, now);
  const byCheck = new Map<PlannedCheck, Result[]>();
  for (const [checkId, reading] of readings) {
    const check = configuration.plan.byId.get(checkId);
    if (check && !check.paused) byCheck.set(check, [reading]);
  }
  const flushMs = flushMsOf(platform, configuration);
  const { changed, turned } = foldResults(row, byCheck, flushMs, now);
  const unjudged = record !== null && record.seq !== record.judgedSeq;
  const quiet = changed.size === 0 && !unjudged;
  const seq = (record?.liveSeq ?? 0) + 1;
  const post: Post = { shard, runnerId: HERE, stream: 'live', seq, hash: '', boot: '', health };
  const burst = confirmBurst(platform, turned, HERE, configuration);
  const body = { bytes: row.bytes(), baseAt: row.baseAt };
  const kept = [...resultsStatements(post, storedResults(byCheck), now), ...burst.statements];
  const written = await write(platform.db, [
    viewStatement(post, record, body, now, quiet),
    ...kept,
    ...(quiet ? [] : snapshotStatements(shard)),
  ]);
  if (written[0]?.rowsAffected === 0) return null;
  burst.written();
  platform.ring?.(burst.runnerIds);
  if (!quiet) {
    const snapshot = parseSnapshot(shard, written.slice(1 + kept.length));
    await judge(platform, shard, configuration, unjudged ? null : changed, snapshot);
    platform.defer(() => answerQuietly(platform));
  }
  return row;
}

async function readRecord({ db }: Platform, shard: number): Promise<ViewRecord | null> {
  const { rows } = await db.$client.execute({
    sql: `select ${VIEW_COLUMNS} from view v where v.k = ?`,
    args: [viewKey(shard, HERE)],
  });
  return rows[0] ? viewRecord(rows[0]) : null;
}
