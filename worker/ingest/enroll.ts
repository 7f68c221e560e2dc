import { type EnrollAnswer, type EnrollRequest, enrollRequestSchema } from '#core/wire/enroll.ts';
import { write } from '#db/write.ts';
import { type SignedCall, verifyRunnerCall } from '#worker/auth/runnerToken.ts';
import type { Platform } from '#worker/platform.ts';
import { parseOrRefuse } from '#worker/problem.ts';
import { parseObject } from './body.ts';
import { askToJoin } from './enroll/ask.ts';
import { joinByCode } from './enroll/code.ts';
import type { Joining } from './enroll/joining.ts';

/**
 * `POST /api/v1/runner/enroll`: a new key, signed by itself, with a code or, where the owner allows it, without one.
 * The same key again is the same runner.
 */
export async function enroll(
  platform: Platform,
  call: SignedCall & { body: Uint8Array<ArrayBuffer> },
): Promise<EnrollAnswer> {
  const request = parseOrRefuse(enrollRequestSchema, parseObject(call.body));
  const { x } = request.publicKey;
  await verifyRunnerCall(call, x, null);
  const { now } = call;
  const joining = await joiningOf(platform, request, now);
  if (joining.statements.length > 0) {
    await write(platform.db, [...joining.statements, joinedStatement(x, now)]);
  }
  const { rows } = await platform.db.$client.execute({
    sql: `select r.id, r.name, r.aud, r.enrolled_at, l.name as location from runner r
          left join location l on l.id = r.location_id where r.public_key = ?`,
    args: [x],
  });
  const [row] = rows;
  // Somebody else was quicker between our look and our write.
  const isNew = joining.statements.length > 0;
  if (!row || (isNew && Number(row.enrolled_at) !== now)) throw joining.refusal;
  return {
    runnerId: String(row.id),
    aud: String(row.aud),
    name: String(row.name),
    location: String(row.location ?? ''),
    now,
  };
}

/** The audit row of a runner that came in with this very call. */
function joinedStatement(x: string, now: number) {
  return {
    sql: `insert into audit (at, actor, action, subject, after)
          select ?, 'runner ' || id, 'runner.join', 'runner ' || id || ' (' || name || ')',
            json_object('name', name, 'status', status, 'publicKey', public_key)
          from runner where public_key = ? and enrolled_at = ?`,
    args: [now, x, now],
  };
}

function joiningOf(platform: Platform, request: EnrollRequest, now: number): Promise<Joining> {
  const { code } = request;
  return code === undefined
    ? askToJoin(platform, request, now)
    : joinByCode(platform, { ...request, code }, now);
}
