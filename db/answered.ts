// The rows of what the worker answers itself.
import type { InStatement, Row } from '@libsql/client';
import { WORKER_KIND_NAMES } from '#core/checks/index.ts';
import type { Said } from '#core/said.ts';

/** Makes the rows of a shard those of its checks: new ones are empty, those of checks that are gone go. */
export function answeredStatements(shard: number): InStatement[] {
  return [
    {
      sql: `delete from answered where shard = ? and not exists (select 1 from check_ c
              where c.id = answered.check_id and c.kind = answered.kind and c.deleted_at is null)`,
      args: [shard],
    },
    {
      sql: `insert or ignore into answered (check_id, shard, kind) select c.id, c.shard, c.kind from check_ c
            where c.shard = ? and c.deleted_at is null and c.kind in (select value from json_each(?))`,
      args: [shard, JSON.stringify(WORKER_KIND_NAMES)],
    },
  ];
}

/** What is held to be so of one check (db/schema.ts), without what only people look at. */
export interface Answered extends Said {
  checkId: number;
  shard: number;
  kind: string;
}

export const ANSWERED_COLUMNS =
  'a.check_id, a.shard, a.kind, a.rev, a.level, a.code, a.text, a.last_at, a.due_at, a.started_at, a.run_ms';

export function answeredOf(row: Row): Answered {
  const orNull = (value: unknown) => (value === null ? null : Number(value));
  return {
    checkId: Number(row.check_id),
    shard: Number(row.shard),
    kind: String(row.kind),
    rev: Number(row.rev),
    level: orNull(row.level),
    code: String(row.code),
    text: String(row.text),
    lastAt: Number(row.last_at),
    dueAt: Number(row.due_at),
    startedAt: orNull(row.started_at),
    runMs: orNull(row.run_ms),
  };
}

/**
 * Writes what is held to be so, unless somebody wrote it since it was read: `rowsAffected` 0 then. `body`: what the job
 * sent; null = what it sent before stays.
 */
export function answeredUpdate(
  before: Answered,
  after: Said,
  body: { text: string; at: number } | null = null,
): InStatement {
  return {
    sql: `update answered set rev = ?, level = ?, code = ?, text = ?, last_at = ?, due_at = ?, started_at = ?, run_ms = ?,
            body = coalesce(?, body), body_at = coalesce(?, body_at)
          where check_id = ? and level is ? and last_at = ? and due_at = ? and started_at is ?`,
    args: [
      ...[after.rev, after.level, after.code, after.text],
      ...[after.lastAt, after.dueAt, after.startedAt, after.runMs],
      ...[body?.text ?? null, body?.at ?? null],
      ...[before.checkId, before.level, before.lastAt, before.dueAt, before.startedAt],
    ],
  };
}
