import { askAnswerSchema } from '#core/wire/ask.ts';
import { write } from '#db/write.ts';
import type { SignedCall } from '#worker/auth/runnerToken.ts';
import type { Platform } from '#worker/platform.ts';
import { Problem, parseOrRefuse } from '#worker/problem.ts';
import { inflate, parseObject } from './body.ts';
import { identifyRunner } from './caller.ts';

/** `POST /api/v1/runner/asks/:id`: what came of something asked. Only the runner that was asked may answer, once. */
export async function answerAsk(
  platform: Platform,
  call: SignedCall & { body: Uint8Array<ArrayBuffer>; encoding: string | undefined },
  askId: string,
): Promise<void> {
  const { runnerId } = await identifyRunner(platform, call);
  const answer = parseOrRefuse(
    askAnswerSchema,
    parseObject(await inflate(call.body, call.encoding)),
  );
  const [updated] = await write(platform.db, [
    {
      sql: `update ask set answered_at = ?, answer = ?
            where id = ? and runner_id = ? and answered_at is null and taken_at is not null`,
      args: [platform.now(), JSON.stringify(answer), askId, runnerId],
    },
  ]);
  if (updated?.rowsAffected === 0) {
    throw new Problem('not_found', {
      detail: 'Nothing of that id waits for an answer of this runner.',
    });
  }
}
