import { HERE, HERE_NAME } from '#core/assign.ts';
import type { Finding } from '#core/reading.ts';
import { write } from '#db/write.ts';
import { base64url } from '#worker/crypto/hash.ts';
import { lookOnce } from '#worker/here/look.ts';
import type { Outside } from '#worker/here/outside.ts';
import { failed, inverted } from '#worker/here/probe.ts';
import type { Platform } from '#worker/platform.ts';
import type { CheckDraft } from '../hosts/draft.ts';
import type { TryTicket } from './model.ts';

/** How long an answer may come after the time limit of the check. */
export const GRACE_MS = 60_000;
/** The worker begins at once. */
const POLL_MS = 500;

/** Has the worker itself look once at a check that is not saved; what came of it is told as by a runner. */
export async function tryFromHere(
  platform: Platform,
  outside: Outside,
  { spec, config, timeoutMs }: CheckDraft,
): Promise<TryTicket> {
  const askId = base64url(platform.random(16));
  const at = platform.now();
  await write(platform.db, [
    {
      sql: `insert into ask (id, runner_id, body, created_at, expires_at, taken_at)
            values (?, ?, ?, ?, ?, ?)`,
      // Nobody fetches it, so what the check holds is not written down.
      args: [askId, HERE, JSON.stringify({ type: 'try' }), at, at + timeoutMs + GRACE_MS, at],
    },
  ]);
  platform.defer(async () => {
    const findings: Finding[] = [];
    const explain = (finding: Finding) => findings.push(finding);
    const how = { outside, timeoutMs, at, spend: () => true, explain };
    const seen =
      (await lookOnce(platform, spec, how).catch(broken(platform))) ??
      failed('unable.internal', '');
    const measurement = config.invert ? inverted(seen) : seen;
    await write(platform.db, [
      {
        sql: 'update ask set answer = ?, answered_at = ? where id = ?',
        args: [JSON.stringify({ measurement, findings }), platform.now(), askId],
      },
    ]);
  });
  return { askId, runnerId: HERE, runner: HERE_NAME, pollAfterMs: POLL_MS };
}

function broken({ log }: Platform): (error: Error) => null {
  return ({ message }) => {
    log('error', 'a look of the worker broke', { message });
    return null;
  };
}
