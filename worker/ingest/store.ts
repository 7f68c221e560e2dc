// The two rows of a post: the view row, guarded by the number it was read at, and the row that keeps the results.
import type { InStatement } from '@libsql/client';
import type { ViewRow } from '#core/store/viewRow.ts';
import type { Stream } from '#core/wire/claims.ts';
import { minuteKey, viewKey } from '#db/db.ts';
import type { ViewRecord } from '#db/views.ts';

export interface Post {
  shard: number;
  runnerId: number;
  stream: Stream;
  seq: number;
  hash: string;
  boot: string;
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
      sql: `insert into view (k, posted_at, base_at, live_seq, live_hash, late_seq, late_hash, boot, seq, judged_seq, body)
            values (?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?) on conflict (k) do nothing`,
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
      ],
    };
  }
  const stream = live ? 'live_seq = ?, live_hash = ?' : 'late_seq = ?, late_hash = ?';
  return {
    sql: `update view set posted_at = ?, base_at = ?, ${stream}, boot = ?, body = ?, seq = seq + 1,
            judged_seq = case when ? and judged_seq = seq then seq + 1 else judged_seq end
          where k = ? and seq = ?`,
    args: [
      now,
      body.baseAt,
      post.seq,
      post.hash,
      post.boot,
      body.bytes,
      judged ? 1 : 0,
      k,
      before.seq,
    ],
  };
}

/** Appends the results to the minute of arrival, right after `viewStatement` and only if that took effect. */
export function resultsStatement(post: Post, segment: Uint8Array, now: number): InStatement {
  const table = post.stream === 'live' ? 'minute' : 'late';
  const minute = Math.floor(now / 60_000);
  return {
    sql: `insert into ${table} (k, minute, data) select ?, ?, ? where changes() > 0
          on conflict (k) do update set
            data = case when minute = excluded.minute then cast(data || excluded.data as blob) else excluded.data end,
            minute = excluded.minute`,
    args: [minuteKey(post.shard, post.runnerId, minute), minute, segment],
  };
}

/** Of a post without results: only that the runner is there. */
export function seenStatement(post: Post, now: number): InStatement {
  return {
    sql: `insert into view (k, posted_at, base_at, live_seq, live_hash, late_seq, late_hash, boot, seq, judged_seq, body)
          values (?, ?, ?, 0, '', 0, '', ?, 1, 1, zeroblob(0))
          on conflict (k) do update set posted_at = excluded.posted_at, boot = excluded.boot`,
    args: [viewKey(post.shard, post.runnerId), now, now - 86_400_000, post.boot],
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
