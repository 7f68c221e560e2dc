// Joining without a code, where the owner allows it: to wait for approval, or at once but without a place.
import type { EnrollRequest } from '#core/wire/enroll.ts';
import { bumpConfig, fleetStatement } from '#db/plan.ts';
import type { Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { readJoinPolicy } from '#worker/settings.ts';
import type { Joining } from './joining.ts';

/** Runners without a place, waiting or not: anybody can ask, so there is an end to it. */
export const MOST_WAITING = 20;

const STATUS = { ask: 'pending', auto: 'active' } as const;

/** A runner that joins so has no vote before the owner gives it a location. */
export async function askToJoin(
  platform: Platform,
  request: EnrollRequest,
  now: number,
): Promise<Joining> {
  const policy = await readJoinPolicy(platform);
  if (policy === 'code') {
    throw new Problem('bad_code', {
      detail: 'New runners need a join code here; make one on the page "Runners".',
    });
  }
  const { x } = request.publicKey;
  const refusal = new Problem('too_many', {
    detail: `${MOST_WAITING} runners wait for a place already; the owner has to see to them first.`,
    headers: { 'retry-after': '60' },
  });
  const { status, waiting } = await readQueue(platform, x);
  if (status === 'revoked' || status === 'disabled') {
    throw new Problem('runner_revoked', { detail: 'The owner does not want this runner.' });
  }
  if (status !== null) return { statements: [], refusal };
  // Looked at before anything is written: who knocks at a closed door must cost no row.
  if (waiting >= MOST_WAITING) throw refusal;
  const statements = [
    {
      sql: `insert into runner (name, location_id, asked_location, public_key, aud, status, version, capabilities, enrolled_at)
            select ?, null, ?, ?, ?, ?, ?, ?, ? where ? > (
              select count(*) from runner where location_id is null and status in ('pending', 'active'))
            on conflict (public_key) do nothing`,
      args: [
        request.name,
        request.location ?? null,
        x,
        platform.config.url,
        STATUS[policy],
        request.version,
        JSON.stringify(request.capabilities),
        now,
        MOST_WAITING,
      ],
    },
    ...bumpConfig(),
    fleetStatement,
  ];
  return { statements, refusal };
}

/** What is known of a key (null = nothing), and how many runners wait for a place. */
async function readQueue(platform: Platform, x: string) {
  const { rows } = await platform.db.$client.execute({
    sql: `select (select status from runner where public_key = ?) as status,
            (select count(*) from runner where location_id is null and status in ('pending', 'active')) as waiting`,
    args: [x],
  });
  return {
    status: rows[0]?.status == null ? null : String(rows[0].status),
    waiting: Number(rows[0]?.waiting),
  };
}
