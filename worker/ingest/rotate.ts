import { type RotateAnswer, rotateRequestSchema } from '#core/wire/enroll.ts';
import { write } from '#db/write.ts';
import { auditRow } from '#worker/actions/auditRow.ts';
import type { SignedCall } from '#worker/auth/runnerToken.ts';
import type { Platform } from '#worker/platform.ts';
import { Problem, parseOrRefuse } from '#worker/problem.ts';
import { parseObject } from './body.ts';
import { identifyRunner } from './caller.ts';

/**
 * `POST /api/v1/runner/rotate`: from now on only the new key is this runner's. Signed by the key in force, so that a
 * runner that got no answer may ask again with either.
 */
export async function rotate(
  platform: Platform,
  call: SignedCall & { body: Uint8Array<ArrayBuffer> },
): Promise<RotateAnswer> {
  const { runnerId, name, publicKey } = await identifyRunner(platform, call);
  const { x } = parseOrRefuse(rotateRequestSchema, parseObject(call.body)).publicKey;
  const answer = { runnerId: String(runnerId), now: call.now };
  if (x === publicKey) return answer;
  const { rows } = await platform.db.$client.execute({
    sql: 'select 1 from runner where public_key = ?',
    args: [x],
  });
  if (rows.length > 0) {
    throw new Problem('invalid_input', {
      errors: [{ path: 'publicKey.x', message: 'is the key of another runner' }],
    });
  }
  const about = { action: 'runner.rotateKey', subject: `runner ${runnerId} (${name})` };
  const [updated] = await write(platform.db, [
    {
      sql: 'update runner set public_key = ? where id = ? and public_key = ?',
      args: [x, runnerId, publicKey],
    },
    auditRow(
      platform,
      { name: `runner ${runnerId}` },
      { ...about, before: { publicKey }, after: { publicKey: x } },
    ),
  ]);
  if (updated?.rowsAffected === 0) {
    throw new Problem('busy', { headers: { 'retry-after': '1' } });
  }
  return answer;
}
