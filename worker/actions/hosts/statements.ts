// The rows of checks, as statements of the one batch that changes a host.
import type { InStatement, InValue } from '@libsql/client';
import { kindOf } from '#core/checks/index.ts';
import type { Place } from '#db/place.ts';
import { CONFIG_VERSION_SQL } from '#db/plan.ts';
import type { Platform } from '#worker/platform.ts';
import type { CheckDraft } from './draft.ts';
import type { Placing } from './placing.ts';

/** `rev` is 16 bits wide where it is packed. */
const REVS = 65_535;

/** What a person sets, in the order of `valuesOf`. */
const COLUMNS = `name, kind, target, config, interval_ms, timeout_ms, retry_after_ms, failures, successes,
  policy, locations, runner_id, paused, schedule, tags, must_report_ms`;
const MARKS = '?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?';

function valuesOf(draft: CheckDraft, { locations, runnerId, policy }: Placing): InValue[] {
  return [
    draft.name,
    draft.kind,
    draft.target,
    JSON.stringify(draft.config),
    draft.intervalMs,
    draft.timeoutMs,
    draft.retryAfterMs,
    draft.failures,
    draft.successes,
    JSON.stringify(policy),
    locations === null ? null : JSON.stringify(locations),
    runnerId,
    draft.paused ? 1 : 0,
    draft.schedule === null ? null : JSON.stringify(draft.schedule),
    JSON.stringify(draft.tags),
    mustReportMsOf(draft),
  ];
}

/** How long its runner may be silent before that is "down"; null = silence never is. */
export function mustReportMsOf({ kind, spec }: Pick<CheckDraft, 'kind' | 'spec'>): number | null {
  return kindOf(kind).mustReportMs?.(spec as never) ?? null;
}

/**
 * `newest`: of the host made in the same batch. Views are kept by place, so a new check goes on counting where the last
 * one in its place stopped.
 */
export function insertCheck(
  platform: Platform,
  host: number | 'newest',
  draft: CheckDraft,
  placing: Placing,
  { shard, position }: Place,
): InStatement {
  return {
    sql: `insert into check_ (${COLUMNS}, changed_version, host_id, shard, position, rev, created_at)
          values (${MARKS}, ${CONFIG_VERSION_SQL},
            (select id from host where id = coalesce(?, (select max(id) from host))), ?, ?,
            coalesce((select rev from check_ where shard = ? and position = ? order by id desc limit 1), 0) % ${REVS} + 1,
            ?)`,
    args: [
      ...valuesOf(draft, placing),
      host === 'newest' ? null : host,
      ...[shard, position],
      ...[shard, position],
      platform.now(),
    ],
  };
}

/** `renewed`: target, kind, expectations or policy changed, so that views start anew. */
export function updateCheck(
  checkId: number,
  draft: CheckDraft,
  placing: Placing,
  renewed: boolean,
): InStatement {
  return {
    sql: `update check_ set (${COLUMNS}) = (${MARKS}), changed_version = ${CONFIG_VERSION_SQL},
            rev = ${renewed ? `rev % ${REVS} + 1` : 'rev'}
          where id = ? and deleted_at is null`,
    args: [...valuesOf(draft, placing), checkId],
  };
}

/** Runners learn of the removal from the row that stays; its incidents end with it. */
export function removeChecks(platform: Platform, checkIds: readonly number[]) {
  return removeWhere(platform, 'id in (select value from json_each(?))', JSON.stringify(checkIds));
}

/** All of a host, with what was added since they were read. */
export function removeChecksOf(platform: Platform, hostId: number) {
  return removeWhere(platform, 'host_id = ?', hostId);
}

function removeWhere(platform: Platform, condition: string, arg: string | number) {
  const now = platform.now();
  return [
    {
      sql: `update incident set closed_at = ? where closed_at is null and check_id in
              (select id from check_ where ${condition})`,
      args: [now, arg],
    },
    {
      sql: `update check_ set deleted_at = ?, changed_version = ${CONFIG_VERSION_SQL}
            where ${condition} and deleted_at is null`,
      args: [now, arg],
    },
  ];
}
