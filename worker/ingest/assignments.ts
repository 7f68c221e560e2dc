import * as z from 'zod';
import { isAssigned, ownerIn } from '#core/assign.ts';
import { VERSION } from '#core/version.ts';
import type { AssignedCheck, AssignmentsAnswer } from '#core/wire/assignments.ts';
import { CONFIG_VERSION_SQL, type Fleet, LOCATIONS_SQL, parseFleet } from '#db/plan.ts';
import { PULSE_SQL, pulseRecord } from '#db/pulse.ts';
import type { SignedCall } from '#worker/auth/runnerToken.ts';
import type { Platform } from '#worker/platform.ts';
import { parseOrRefuse } from '#worker/problem.ts';
import { type Caller, identifyRunner } from './caller.ts';
import { DEADMEN_SQL, rankOf } from './deadman.ts';

const PAGE = 500;

const querySchema = z.object({
  /** The configuration version the runner knows. */
  since: z.coerce.number().int().min(0).default(0),
  /** The last check id of the page before. */
  after: z.coerce.number().int().min(0).default(0),
});

/** `GET /api/v1/runner/assignments`: what changed for this runner, or all of it when its peers changed. */
export async function assignments(
  platform: Platform,
  call: SignedCall,
  query: Record<string, string>,
): Promise<AssignmentsAnswer> {
  const caller = await identifyRunner(platform, call);
  const { since, after } = parseOrRefuse(querySchema, query);
  const wanted = since < caller.resyncVersion ? 0 : since;
  let changes = await readChanges(platform, caller.runnerId, wanted, after);
  let full = wanted === 0;
  if (!full && since < changes.resyncVersion) {
    // Its peers changed since the caller was looked at: the version read here stands for everything anew.
    full = true;
    changes = await readChanges(platform, caller.runnerId, 0, after);
  }
  const { version, fleet, fleetState, rows } = changes;
  const deadman = rankOf(caller.runnerId, changes.deadmen);
  // By what the tick wrote down: whoever is told of a change then is told the same.
  const runners = fleet.runners.map((each) => ({
    ...each,
    silent: fleetState[each.id]?.awaySinceAt != null,
  }));
  const me = runners.find(({ id }) => id === caller.runnerId);
  const checks: AssignedCheck[] = [];
  const removed: number[] = [];
  for (const row of rows) {
    const owner =
      me?.locationId != null && row.watched && isAssigned(row, me, fleet.locations)
        ? ownerIn(row, me.locationId, runners)
        : null;
    if (owner === null) removed.push(row.checkId);
    else checks.push({ ...row.assigned, owner: String(owner) });
  }
  return {
    configVersion: version,
    full,
    checks,
    removed: full ? [] : removed,
    next: rows.length === PAGE ? (rows.at(-1)?.checkId ?? null) : null,
    flushMs: fleet.flushMs ?? platform.config.flushMs,
    version: VERSION,
    ...(deadman && { deadman }),
    name: caller.name,
    location: nameOfLocation(fleet, caller),
  };
}

function nameOfLocation(fleet: Fleet, { locationId }: Caller): string {
  return fleet.locations.find(({ id }) => id === locationId)?.name ?? '';
}

async function readChanges(platform: Platform, runnerId: number, since: number, after: number) {
  const [version, runner, fleet, pulse, deadmen, checks] = await platform.db.$client.batch(
    [
      `select ${CONFIG_VERSION_SQL} as version`,
      { sql: 'select resync_version from runner where id = ?', args: [runnerId] },
      `select value from setting where key = 'fleet'`,
      PULSE_SQL,
      DEADMEN_SQL,
      {
        sql: `select c.id, c.rev, c.shard, c.position, c.config, c.interval_ms, c.schedule, c.timeout_ms, c.retry_after_ms,
                c.failures, c.successes, ${LOCATIONS_SQL} as locations, c.runner_id, c.deleted_at is not null as deleted,
                c.paused or coalesce(h.paused, 1) as paused
              from check_ c left join host h on h.id = c.host_id
              where c.changed_version > ? and c.id > ? ${since === 0 ? 'and c.deleted_at is null' : ''}
              order by c.id limit ${PAGE}`,
        args: [since, after],
      },
    ],
    'read',
  );
  return {
    version: Number(version?.rows[0]?.version ?? 0),
    resyncVersion: Number(runner?.rows[0]?.resync_version ?? 0),
    fleet: parseFleet(fleet?.rows[0]?.value as string | undefined),
    deadmen: (deadmen?.rows ?? []).map((row) => Number(row.id)),
    fleetState: pulseRecord(pulse?.rows[0]).fleetState,
    rows: (checks?.rows ?? []).map((row) => ({
      checkId: Number(row.id),
      locations:
        row.locations === null ? null : (JSON.parse(String(row.locations)) as number[] | null),
      runnerId: row.runner_id === null ? null : Number(row.runner_id),
      watched: Number(row.deleted) === 0 && Number(row.paused) === 0,
      assigned: {
        id: Number(row.id),
        rev: Number(row.rev),
        shard: Number(row.shard),
        position: Number(row.position),
        config: JSON.parse(String(row.config)) as AssignedCheck['config'],
        intervalMs: Number(row.interval_ms),
        ...(row.schedule !== null && {
          schedule: JSON.parse(String(row.schedule)) as AssignedCheck['schedule'],
        }),
        timeoutMs: Number(row.timeout_ms),
        retryAfterMs: Number(row.retry_after_ms),
        failures: Number(row.failures),
        successes: Number(row.successes),
      },
    })),
  };
}
