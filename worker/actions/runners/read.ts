import type { Row } from '@libsql/client';
import { isSilent } from '#core/fleet.ts';
import { hearing } from '#core/pulse.ts';
import { standingOf } from '#core/standing.ts';
import type { Capabilities } from '#core/wire/enroll.ts';
import { newestHealth } from '#db/health.ts';
import { PULSE_SQL, type PulseRecord, pulseRecord } from '#db/pulse.ts';
import type { RUNNER_STATUSES } from '#db/statuses.ts';
import { DEADMEN_SQL, rankOf } from '#worker/ingest/deadman.ts';
import type { Platform } from '#worker/platform.ts';
import { flushInForce } from '#worker/settings.ts';
import type { RunnerModel } from './model.ts';

/** All runners by location and name, or the one with this id. */
export async function readRunners(platform: Platform, id?: number): Promise<RunnerModel[]> {
  const flushMs = await flushInForce(platform);
  const [runners, pulse, deadmen] = await platform.db.$client.batch(
    [
      {
        sql: `select r.*, l.name as location, s.posted_at, s.health from runner r
              left join location l on l.id = r.location_id
              left join (select k % 1048576 as runner_id, max(posted_at) as posted_at, json_group_array(health) as health
                from view group by 1) s on s.runner_id = r.id
              where ?1 is null or r.id = ?1 order by l.name, r.name, r.id`,
        args: [id ?? null],
      },
      PULSE_SQL,
      DEADMEN_SQL,
    ],
    'read',
  );
  const beat = pulseRecord(pulse?.rows[0]);
  const { judgedAt } = hearing(beat.pulse, platform.now());
  const isSilentAt = (postedAt: number) => isSilent(postedAt, judgedAt, flushMs);
  const inTurn = (deadmen?.rows ?? []).map((row) => Number(row.id));
  return (runners?.rows ?? []).map((row) => ({
    ...runnerOf(row, beat, isSilentAt),
    deadmanRank: rankOf(Number(row.id), inTurn)?.rank ?? null,
  }));
}

function runnerOf(
  row: Row,
  { fleetState }: PulseRecord,
  isSilentAt: (postedAt: number) => boolean,
): Omit<RunnerModel, 'deadmanRank'> {
  const id = Number(row.id);
  const status = String(row.status) as (typeof RUNNER_STATUSES)[number];
  const lastSeenAt = row.posted_at === null ? null : Number(row.posted_at);
  const health = newestHealth(JSON.parse(String(row.health ?? '[]')) as unknown[]);
  const silent = status === 'active' && lastSeenAt !== null && isSilentAt(lastSeenAt);
  const quarantinedSinceAt = fleetState[id]?.quarantinedSinceAt ?? null;
  const blindSinceAt = health?.blindSinceAt ?? null;
  const placed = row.location !== null;
  return {
    id,
    name: String(row.name),
    location: placed ? String(row.location) : null,
    askedLocation: row.asked_location === null ? null : String(row.asked_location),
    status,
    version: health?.version ?? String(row.version),
    capabilities: JSON.parse(String(row.capabilities)) as Capabilities,
    lastSeenAt,
    silent,
    quarantinedSinceAt,
    ...standingOf({ status, placed, lastSeenAt, silent, quarantinedSinceAt, blindSinceAt }),
    health,
    enrolledAt: Number(row.enrolled_at),
  };
}
