import type { Platform } from '#worker/platform.ts';
import { adaptFlush } from './flush.ts';
import { saveUsageInTime } from './usage.ts';

/** The tick's part of the meter; what goes wrong in it keeps nothing else from being done. */
export async function meter(platform: Platform): Promise<void> {
  try {
    if (await saveUsageInTime(platform)) await adaptFlush(platform);
  } catch (error) {
    platform.log('warn', 'what was used could not be noted', { error: (error as Error).message });
  }
}
