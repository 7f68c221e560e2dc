import type { Row } from '@libsql/client';
import type { check } from '../schema.ts';

export type CheckRow = typeof check.$inferSelect;

/** Reads a row of `select * from check_`. */
export function checkOf(row: Row): CheckRow {
  return {
    id: Number(row.id),
    hostId: Number(row.host_id),
    name: String(row.name),
    kind: String(row.kind),
    target: String(row.target),
    config: JSON.parse(String(row.config)) as CheckRow['config'],
    intervalMs: Number(row.interval_ms),
    schedule: JSON.parse(String(row.schedule ?? null)) as CheckRow['schedule'],
    timeoutMs: Number(row.timeout_ms),
    retryAfterMs: Number(row.retry_after_ms),
    failures: Number(row.failures),
    successes: Number(row.successes),
    policy: JSON.parse(String(row.policy)) as CheckRow['policy'],
    locations: JSON.parse(String(row.locations)) as CheckRow['locations'],
    runnerId: row.runner_id === null ? null : Number(row.runner_id),
    rev: Number(row.rev),
    shard: Number(row.shard),
    position: Number(row.position),
    paused: Number(row.paused) === 1,
    tags: JSON.parse(String(row.tags)) as string[],
    mustReportMs: row.must_report_ms === null ? null : Number(row.must_report_ms),
    announcedKey: row.announced_key === null ? null : String(row.announced_key),
    announced: row.announced === null ? null : String(row.announced),
    changedVersion: Number(row.changed_version),
    createdAt: Number(row.created_at),
    deletedAt: row.deleted_at === null ? null : Number(row.deleted_at),
  };
}
