// View rows as the worker reads them.
import type { Row } from '@libsql/client';
import { ViewRow } from '#core/store/viewRow.ts';
import { runnerOfViewKey, viewKey, viewKeysOf } from './db.ts';

/** One runner in one shard: its streams, its last post, what it says. */
export interface ViewRecord {
  runnerId: number;
  postedAt: number;
  liveSeq: number;
  liveHash: string;
  lateSeq: number;
  lateHash: string;
  seq: number;
  judgedSeq: number;
  /** Null when the body is corrupt: its views count as never seen. */
  row: ViewRow | null;
}

export const VIEW_COLUMNS =
  'v.k, v.posted_at, v.base_at, v.live_seq, v.live_hash, v.late_seq, v.late_hash, v.seq, v.judged_seq, v.body';

/** How far `at` may lie behind a row's base before it is laid anew (32 bits of ms are 49 days). */
const REBASE_AFTER_MS = 30 * 86_400_000;

export function viewRecord(row: Row): ViewRecord {
  return {
    runnerId: runnerOfViewKey(Number(row.k)),
    postedAt: Number(row.posted_at),
    liveSeq: Number(row.live_seq),
    liveHash: String(row.live_hash),
    lateSeq: Number(row.late_seq),
    lateHash: String(row.late_hash),
    seq: Number(row.seq),
    judgedSeq: Number(row.judged_seq),
    row: parseRow(row.body, Number(row.base_at)),
  };
}

function parseRow(body: unknown, baseAt: number): ViewRow | null {
  try {
    return ViewRow.parse(new Uint8Array(body as ArrayBuffer), baseAt);
  } catch {
    return null;
  }
}

/** The row to fold into: the stored one, or a new one with its base shortly before `now`. */
export function writableRow(record: ViewRecord | null, now: number): ViewRow {
  const stored = record?.row;
  if (stored && now - stored.baseAt < REBASE_AFTER_MS) return stored;
  const fresh = ViewRow.empty(now - 86_400_000);
  for (let position = 0; stored && position < stored.count; position++) {
    const view = stored.get(position);
    if (view) fresh.set(position, view);
  }
  return fresh;
}

export const viewsOfShard = (shard: number) => ({
  sql: `select ${VIEW_COLUMNS} from view v where v.k between ? and ?`,
  args: viewKeysOf(shard),
});

export { viewKey };
