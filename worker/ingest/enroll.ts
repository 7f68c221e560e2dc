import { type EnrollAnswer, type EnrollRequest, enrollRequestSchema } from '#core/wire/enroll.ts';
import { bumpConfig, fleetStatement } from '#db/plan.ts';
import { write } from '#db/write.ts';
import { hashJoinCode } from '#worker/auth/joinCode.ts';
import { type SignedCall, verifyRunnerCall } from '#worker/auth/runnerToken.ts';
import type { Platform } from '#worker/platform.ts';
import { Problem, parseOrRefuse } from '#worker/problem.ts';
import { parseObject } from './body.ts';

/**
 * `POST /api/v1/runner/enroll`: a new key, signed by itself, with a code. The code is spent and the runner stored in
 * one write. The same key with a valid code again is the same runner, placed anew.
 */
export async function enroll(
  platform: Platform,
  call: SignedCall & { body: Uint8Array<ArrayBuffer> },
): Promise<EnrollAnswer> {
  const request = parseOrRefuse(enrollRequestSchema, parseObject(call.body));
  await verifyRunnerCall(call, request.publicKey.x, null);
  const { now } = call;
  const hash = await hashJoinCode(request.code);
  const code = await readCode(platform, hash, now);
  const location = code.location ?? request.location ?? 'default';
  const name = code.name ?? request.name;
  await write(platform.db, statements(platform, request, { hash, location, name, now }));
  const { rows } = await platform.db.$client.execute({
    sql: `select r.id, r.name, r.aud, r.enrolled_at, l.name as location from runner r
          join location l on l.id = r.location_id where r.public_key = ?`,
    args: [request.publicKey.x],
  });
  const [row] = rows;
  // The code was used up by somebody else between our look and our write.
  if (!row || Number(row.enrolled_at) !== now) throw badCode();
  return {
    runnerId: String(row.id),
    aud: String(row.aud),
    name: String(row.name),
    location: String(row.location),
    now,
  };
}

function badCode(): Problem {
  return new Problem('bad_code', {
    detail: 'Make a new code on the page "Runners"; a code lives 15 minutes.',
  });
}

async function readCode(platform: Platform, hash: string, now: number) {
  const { rows } = await platform.db.$client.execute({
    sql: `select j.name, l.name as location from join_code j left join location l on l.id = j.location_id
          where j.hash = ? and j.uses_left > 0 and j.expires_at > ?`,
    args: [hash, now],
  });
  const [row] = rows;
  if (!row) throw badCode();
  return {
    name: row.name === null ? null : String(row.name),
    location: row.location === null ? null : String(row.location),
  };
}

function statements(
  platform: Platform,
  request: EnrollRequest,
  given: { hash: string; location: string; name: string; now: number },
) {
  const { hash, location, name, now } = given;
  return [
    {
      sql: `update join_code set uses_left = uses_left - 1 where hash = ? and uses_left > 0 and expires_at > ?`,
      args: [hash, now],
    },
    {
      sql: `insert into location (name, enabled, created_at) select ?, 1, ? where changes() > 0
            on conflict (name) do update set name = excluded.name`,
      args: [location, now],
    },
    {
      sql: `insert into runner (name, location_id, public_key, aud, status, version, capabilities, enrolled_at)
            select ?, id, ?, ?, 'active', ?, ?, ? from location where name = ? and changes() > 0
            on conflict (public_key) do update set name = excluded.name, location_id = excluded.location_id,
              aud = excluded.aud, status = 'active', version = excluded.version,
              capabilities = excluded.capabilities, enrolled_at = excluded.enrolled_at`,
      args: [
        name,
        request.publicKey.x,
        platform.config.url,
        request.version,
        JSON.stringify(request.capabilities),
        now,
        location,
      ],
    },
    ...bumpConfig(),
    fleetStatement,
  ];
}
