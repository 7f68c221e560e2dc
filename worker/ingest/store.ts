// The two rows of a post: the view row, guarded by the number it was read at, and the row that keeps the results.
import type { InStatement } from '@libsql/client';
import { blockOf, encodeSegment, type StoredResult } from '#core/store/segment.ts';
import type { ViewRow } from '#core/store/viewRow.ts';
import type { Stream } from '#core/wire/claims.ts';
import { spanKey, spanOf, viewKey } from '#db/db.ts';
import type { ViewRecord } from '#db/views.ts';
import type { KeptResult } from './fold.ts';

const HOUR_MS = 3_600_000;

export interface Post {
  shard: number;
  runnerId: number;
  stream: Stream;
  seq: number;
  hash: string;
  boot: string;
  /** What the runner says of itself, packed; absent or null = nothing this time. */
  health?: string | null;
}

/**
 * Writes the view row if nobody wrote it since it was read; `rowsAffected` 0 means somebody did.
 * `judged`: no vote changed, so the row counts as judged unless an older change still waits.
 */
export function viewStatement(
  post: Post,
  before: ViewRecord | null,
  body: { bytes: Uint8Array; baseAt: number },
  now: number,
  judged: boolean,
): InStatement {
  const k = viewKey(post.shard, post.runnerId);
  const live = post.stream === 'live';
  if (before === null) {
    return {
      sql: `insert into view (k, posted_at, base_at, live_seq, live_hash, late_seq, late_hash, boot, seq, judged_seq, body, health)
            values (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?) on conflict (k) do nothing`,
      args: [
        k,
        now,
        body.baseAt,
        live ? post.seq : 0,
        live ? post.hash : '',
        live ? 0 : post.seq,
        live ? '' : post.hash,
        post.boot,
        judged ? 1 : 0,
        body.bytes,
        post.health ?? null,
      ],
    };
  }
  const stream = live ? 'live_seq = ?, live_hash = ?' : 'late_seq = ?, late_hash = ?';
  return {
    sql: `update view set posted_at = ?, base_at = ?, ${stream}, boot = ?, body = ?,
            health = coalesce(?, health), seq = seq + 1,
            judged_seq = case when ? and judged_seq = seq then seq + 1 else judged_seq end
          where k = ? and seq = ?`,
    args: [
      now,
      body.baseAt,
      post.seq,
      post.hash,
      post.boot,
      body.bytes,
      post.health ?? null,
      judged ? 1 : 0,
      k,
      before.seq,
    ],
  };
}

/** Results of an hour are taken as they come until this long after its end; later ones wait to be folded in. */
const CLOSES_AFTER_MS = 90_000;

/** The oldest hour that is still open. */
function openSince(now: number): number {
  return Math.floor((now - CLOSES_AFTER_MS) / HOUR_MS) * HOUR_MS;
}

/** Is there one among them that has to wait for its hour to be folded again? */
export function anyClosed(results: readonly KeptResult[], now: number): boolean {
  const hourAt = openSince(now);
  return results.some(({ at }) => at < hourAt);
}

/**
 * Appends the results to the rows of their span of arrival, right after `viewStatement` and only if that took effect:
 * one row, or one more for those whose hour is closed already, and one more for metrics.
 */
export function resultsStatements(
  post: Post,
  results: readonly KeptResult[],
  now: number,
): InStatement[] {
  const hourAt = openSince(now);
  const open = results.filter(({ at }) => at >= hourAt);
  const closed = results.filter(({ at }) => at < hourAt);
  const span = spanOf(now);
  const k = spanKey(post.shard, post.runnerId, span);
  const statements: InStatement[] = [];
  if (open.length > 0) statements.push(appendStatement('recent', post.shard, k, span, open));
  if (closed.length > 0) statements.push(appendStatement('backfill', post.shard, k, span, closed));
  const metrics = results.filter((result) => result.metrics !== undefined);
  if (metrics.length > 0) statements.push(metricStatement(k, span, metrics));
  return statements;
}

/** `changes()` is that of the statement before, so that a chain of them takes effect whole or not at all. */
function appendStatement(
  table: 'recent' | 'backfill',
  shard: number,
  k: number,
  span: number,
  results: readonly StoredResult[],
): InStatement {
  const blocks = [0, 1, 2, 3].map((block) =>
    encodeSegment(
      shard,
      results.filter(({ position }) => blockOf(position) === block),
    ),
  );
  const appended = blocks.map(
    (_, block) => `b${block} = case when span = excluded.span
      then cast(b${block} || excluded.b${block} as blob) else excluded.b${block} end`,
  );
  return {
    sql: `insert into ${table} (k, span, b0, b1, b2, b3) select ?, ?, ?, ?, ?, ? where changes() > 0
          on conflict (k) do update set ${appended.join(', ')}, span = excluded.span`,
    args: [k, span, ...blocks],
  };
}

function metricStatement(k: number, span: number, results: readonly KeptResult[]): InStatement {
  const line = JSON.stringify(results.map(({ position, at, metrics }) => [position, at, metrics]));
  return {
    sql: `insert into recent_metric (k, span, lines) select ?, ?, ? where changes() > 0
          on conflict (k) do update set
            lines = case when span = excluded.span then lines || excluded.lines else excluded.lines end,
            span = excluded.span`,
    args: [k, span, `${line}\n`],
  };
}

/** Of a post without results: only that the runner is there. */
export function seenStatement(post: Post, now: number): InStatement {
  return {
    sql: `insert into view (k, posted_at, base_at, live_seq, live_hash, late_seq, late_hash, boot, seq, judged_seq, body, health)
          values (?, ?, ?, 0, '', 0, '', ?, 1, 1, zeroblob(0), ?)
          on conflict (k) do update set posted_at = excluded.posted_at, boot = excluded.boot,
            health = coalesce(excluded.health, health)`,
    args: [
      viewKey(post.shard, post.runnerId),
      now,
      now - 86_400_000,
      post.boot,
      post.health ?? null,
    ],
  };
}

/** The view row as it stands after `viewStatement` took effect. */
export function nextRecord(
  { runnerId, stream, seq, hash }: Post,
  before: ViewRecord | null,
  row: ViewRow,
  now: number,
  judged: boolean,
): ViewRecord {
  const held = before ?? {
    liveSeq: 0,
    liveHash: '',
    lateSeq: 0,
    lateHash: '',
    seq: 0,
    judgedSeq: 0,
  };
  return {
    ...held,
    ...(stream === 'live' ? { liveSeq: seq, liveHash: hash } : { lateSeq: seq, lateHash: hash }),
    runnerId,
    postedAt: now,
    seq: held.seq + 1,
    judgedSeq: judged ? held.seq + 1 : held.judgedSeq,
    row,
  };
}
