// A new key in place of the one in force, without a result lost: batches are signed as they are sent, not before.
import { Client } from './client.ts';
import { Clock } from './clock.ts';
import { EnrolmentError } from './enrol.ts';
import { adopt, type Identity, nextKey, type RunnerKey } from './keys.ts';
import type { RunnerPlatform } from './platform.ts';

/**
 * Makes a key, has the worker take it and keeps it; a runner that is at work in the same data folder goes on with it by
 * itself. An attempt that got no answer is safe to repeat.
 */
export async function rotateKey(
  platform: RunnerPlatform,
  key: RunnerKey,
  { runnerId, aud, url }: Identity,
): Promise<void> {
  const next = await nextKey(platform);
  const clock = new Clock(platform);
  const client = new Client({
    platform,
    clock,
    key,
    url,
    as: { iss: runnerId, aud },
    boot: 'rotate',
  });
  const outcome = await client.rotate(next.publicKey);
  if (outcome.type === 'ok') return adopt(platform, next);
  const why = 'why' in outcome ? outcome.why : outcome.type;
  throw new EnrolmentError(
    `The key is not known to be replaced: ${why}. Run this again; until then either key is tried, and no result is lost.`,
  );
}
