import { isSilent } from '#core/fleet.ts';
import { hearing, NO_PULSE } from '#core/pulse.ts';
import type { Capabilities } from '#core/wire/enroll.ts';
import type { RUNNER_STATUSES } from '#db/schema.ts';
import type { Platform } from '#worker/platform.ts';
import { flushInForce } from '#worker/settings.ts';
import type { RunnerModel } from './model.ts';

/** All runners by location and name, or the one with this id. */
export async function readRunners(platform: Platform, id?: number): Promise<RunnerModel[]> {
  const flushMs = await flushInForce(platform);
  const [runners, pulse] = await platform.db.$client.batch(
    [
      {
        sql: `select r.*, l.name as location, s.posted_at from runner r
              left join location l on l.id = r.location_id
              left join (select k % 1048576 as runner_id, max(posted_at) as posted_at from view group by 1) s
                on s.runner_id = r.id
              where ?1 is null or r.id = ?1 order by l.name, r.name, r.id`,
        args: [id ?? null],
      },
      'select tick_at, grace_until_at, frozen_at from pulse where id = 1',
    ],
    'read',
  );
  const beats = pulse?.rows[0];
  const { judgedAt } = hearing(
    beats
      ? {
          tickAt: Number(beats.tick_at),
          graceUntilAt: Number(beats.grace_until_at),
          frozenAt: Number(beats.frozen_at),
        }
      : NO_PULSE,
    platform.now(),
  );
  return (runners?.rows ?? []).map((row) => {
    const lastSeenAt = row.posted_at === null ? null : Number(row.posted_at);
    const status = String(row.status) as (typeof RUNNER_STATUSES)[number];
    return {
      id: Number(row.id),
      name: String(row.name),
      location: row.location === null ? null : String(row.location),
      status,
      version: String(row.version),
      capabilities: JSON.parse(String(row.capabilities)) as Capabilities,
      lastSeenAt,
      silent: status === 'active' && lastSeenAt !== null && isSilent(lastSeenAt, judgedAt, flushMs),
      enrolledAt: Number(row.enrolled_at),
    };
  });
}
