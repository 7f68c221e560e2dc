import { askAnswerSchema } from '#core/wire/ask.ts';
import { relayAnswerSchema } from '#core/wire/relay.ts';
import { write } from '#db/write.ts';
import type { SignedCall } from '#worker/auth/runnerToken.ts';
import { dispatch } from '#worker/dispatch.ts';
import type { Platform } from '#worker/platform.ts';
import { Problem, parseOrRefuse } from '#worker/problem.ts';
import { inflate, parseObject } from './body.ts';
import { identifyRunner } from './caller.ts';

/** A receipt is kept until the dispatcher has surely seen it. */
const KEPT_MS = 2 * 86_400_000;

/** `POST /api/v1/runner/asks/:id`: what came of something asked. Only the runner that was asked may answer, once. */
export async function answerAsk(
  platform: Platform,
  call: SignedCall & { body: Uint8Array<ArrayBuffer>; encoding: string | undefined },
  askId: string,
): Promise<void> {
  const { runnerId } = await identifyRunner(platform, call);
  const body = parseObject(await inflate(call.body, call.encoding));
  const isReceipt = 'delivery' in body;
  const answer = parseOrRefuse(isReceipt ? relayAnswerSchema : askAnswerSchema, body);
  const now = platform.now();
  const [updated] = await write(platform.db, [
    {
      sql: `update ask set answered_at = ?, answer = ?, expires_at = max(expires_at, ?)
            where id = ? and runner_id = ? and answered_at is null and taken_at is not null
              and (body ->> '$.type' = 'relay') = ?`,
      args: [
        ...[now, JSON.stringify(answer), isReceipt ? now + KEPT_MS : 0],
        ...[askId, runnerId, isReceipt ? 1 : 0],
      ],
    },
    ...(isReceipt
      ? [
          {
            // What waited behind it is due too.
            sql: `update delivery set due_at = min(due_at, ?) where status = 'owed' and channel_id in (
                    select channel_id from delivery where id in (
                      select value from json_each((select body ->> '$.deliveryIds' from ask
                        where id = ? and runner_id = ? and answered_at = ?))))`,
            args: [now, askId, runnerId, now],
          },
        ]
      : []),
  ]);
  if (updated?.rowsAffected === 0) {
    throw new Problem('not_found', {
      detail: 'Nothing of that id waits for an answer of this runner.',
    });
  }
  if (isReceipt) platform.defer(() => dispatch(platform));
}
