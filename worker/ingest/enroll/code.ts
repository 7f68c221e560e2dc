// Joining by a code: it is spent and the runner stored in one write.
import type { EnrollRequest } from '#core/wire/enroll.ts';
import { bumpConfig, fleetStatement } from '#db/plan.ts';
import { hashJoinCode } from '#worker/auth/joinCode.ts';
import type { Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { Joining } from './joining.ts';

/** The same key with a valid code again is the same runner, placed anew. */
export async function joinByCode(
  platform: Platform,
  request: EnrollRequest & { code: string },
  now: number,
): Promise<Joining> {
  const hash = await hashJoinCode(request.code);
  const code = await readCode(platform, hash, request.publicKey.x, now);
  if (code.spentByCaller)
    return { statements: [repeated(request.publicKey.x, now)], refusal: badCode() };
  const location = code.location ?? request.location ?? 'default';
  const name = code.name ?? request.name;
  const statements = [
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
  return { statements, refusal: badCode() };
}

function badCode(): Problem {
  return new Problem('bad_code', {
    detail: 'Make a new code on the page "Runners"; a code lives 15 minutes.',
  });
}

/** The answer to it was lost: it is in already, and nothing more is spent. */
function repeated(x: string, now: number) {
  return {
    sql: `update runner set enrolled_at = ? where public_key = ? and status = 'active'`,
    args: [now, x],
  };
}

async function readCode(platform: Platform, hash: string, x: string, now: number) {
  const { rows } = await platform.db.$client.execute({
    sql: `select j.name, l.name as location, j.uses_left,
            exists (select 1 from runner where public_key = ? and status = 'active' and enrolled_at >= j.created_at) as is_in
          from join_code j left join location l on l.id = j.location_id where j.hash = ? and j.expires_at > ?`,
    args: [x, hash, now],
  });
  const [row] = rows;
  const spent = Number(row?.uses_left ?? 0) === 0;
  const isIn = Number(row?.is_in) === 1;
  if (!row || (spent && !isIn)) throw badCode();
  return {
    spentByCaller: spent && isIn,
    name: row.name === null ? null : String(row.name),
    location: row.location === null ? null : String(row.location),
  };
}
