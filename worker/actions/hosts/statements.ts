// The rows of checks, as statements of the one batch that changes a host.
import { type SQL, sql } from 'drizzle-orm';
import type { Place } from '#db/place.ts';
import { CONFIG_VERSION_SQL } from '#db/plan.ts';
import { check } from '#db/schema.ts';
import type { Built } from '#db/write.ts';
import type { Platform } from '#worker/platform.ts';
import type { CheckDraft } from './draft.ts';
import type { Placing } from './placing.ts';

/** The configuration version that this batch makes. */
const thisVersion = sql.raw(CONFIG_VERSION_SQL) as SQL<number>;

/** `rev` is 16 bits wide where it is packed. */
const REVS = 65_535;

function columns(draft: CheckDraft, { locations, runnerId, policy }: Placing) {
  return {
    name: draft.name,
    kind: draft.kind,
    target: draft.target,
    config: draft.config,
    intervalMs: draft.intervalMs,
    timeoutMs: draft.timeoutMs,
    retryAfterMs: draft.retryAfterMs,
    failures: draft.failures,
    successes: draft.successes,
    policy,
    locations,
    runnerId,
    paused: draft.paused,
    changedVersion: thisVersion,
  };
}

/** Views are kept by place, so a new check goes on counting where the last one in its place stopped. */
export function insertCheck(
  platform: Platform,
  hostId: number | SQL<number>,
  draft: CheckDraft,
  placing: Placing,
  { shard, position }: Place,
): Built {
  return platform.db.insert(check).values({
    ...columns(draft, placing),
    hostId,
    shard,
    position,
    rev: sql`coalesce((select rev from check_ where shard = ${shard} and position = ${position}
      order by id desc limit 1), 0) % ${REVS} + 1`,
    createdAt: platform.now(),
  });
}

/** `renewed`: target, kind, expectations or policy changed, so that views start anew. */
export function updateCheck(
  platform: Platform,
  checkId: number,
  draft: CheckDraft,
  placing: Placing,
  renewed: boolean,
): Built {
  return platform.db
    .update(check)
    .set({ ...columns(draft, placing), ...(renewed && { rev: sql`rev % ${REVS} + 1` }) })
    .where(sql`id = ${checkId} and deleted_at is null`);
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
