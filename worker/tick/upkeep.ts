// What a tick does beside judging: the page, the history, the days of all hosts. Where the CPU of a run is short (10 ms
// on Cloudflare's free plan) it does one of them, since each may take half of that: every second minute belongs to the
// page, and what is left of both to the history, then to the days.
import { keepHistory } from '#worker/history/history.ts';
import type { Platform } from '#worker/platform.ts';
import { refreshDaysQuietly, refreshQuietly } from '#worker/snapshot/refresh.ts';

const MINUTE_MS = 60_000;
/** Slices in a run that has time: as many as a quiet minute has room for. */
const SLICES = 24;
/** The history is let in beside the page when it is so far behind: late is worse than dear. */
const BEHIND_MS = 3_600_000;

/** By database client: how far behind the history was when it was last looked at here. */
const lags = new WeakMap<object, number>();

/** Never rejects: what fails is logged, and the next tick tries again. */
export async function keepUp(platform: Platform, configVersion: number): Promise<void> {
  if (platform.config.runtime !== 'edge') {
    await refreshQuietly(platform);
    await foldHistory(platform, SLICES, configVersion);
    await refreshDaysQuietly(platform);
    return;
  }
  const ofThePage = Math.round(platform.now() / MINUTE_MS) % 2 === 0;
  const made = ofThePage && (await refreshQuietly(platform));
  if (made && (lags.get(platform.db.$client) ?? 0) < BEHIND_MS) return;
  if (!(await foldHistory(platform, 1, configVersion))) await refreshDaysQuietly(platform);
}

/** True when there was something to do. */
async function foldHistory(
  platform: Platform,
  slices: number,
  configVersion: number,
): Promise<boolean> {
  try {
    const work = await keepHistory(platform, slices, configVersion);
    lags.set(platform.db.$client, work.lagMs);
    return work.slices > 0;
  } catch (error) {
    const { message } = error as Error;
    platform.log('error', 'history could not be folded; the next tick tries again', { message });
    return true;
  }
}
