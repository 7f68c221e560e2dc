// The tick tells an outside watcher that it was there (ANYUP_HEALTHCHECK_URL: healthchecks.io, another Anyup's heartbeat):
// when this whole Anyup is gone, nobody here can say so.
import type { Platform } from '#worker/platform.ts';

const EVERY_MS = 60_000;
const TIMEOUT_MS = 5000;

const toldAt = new WeakMap<object, number>();

/** One GET a minute at the most from each process or isolate; a failure is logged and tried again with the next tick. */
export async function tellOutside(platform: Platform): Promise<void> {
  const { healthcheckUrl } = platform.config;
  if (healthcheckUrl === null) return;
  const now = platform.now();
  if (now - (toldAt.get(platform.db.$client) ?? 0) < EVERY_MS - 1000) return;
  try {
    const answer = await platform.fetch(healthcheckUrl, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'manual',
    });
    await answer.body?.cancel();
    if (answer.status >= 400) throw new Error(`it answers ${answer.status}`);
    toldAt.set(platform.db.$client, now);
  } catch (error) {
    // The address is a secret of sorts: who knows it can pretend that we live.
    const { message } = error as Error;
    platform.log('warn', 'the outside watcher could not be told', {
      host: new URL(healthcheckUrl).host,
      error: message.replaceAll(healthcheckUrl, '…'),
    });
  }
}
