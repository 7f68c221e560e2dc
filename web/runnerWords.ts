// How the pages say how a runner is.
import { humanDuration } from '#core/duration.ts';
import type { Standing } from '#core/standing.ts';
import { compareVersions } from '#core/version.ts';
import type { RunnerHealthModel, RunnerModel } from './adminModels.ts';
import { percent } from './amounts.ts';
import type { ShapeName } from './parts/shape.tsx';
import { count } from './words.ts';

const STANDING: Record<Standing, { shape: ShapeName; word: string }> = {
  waits: { shape: 'unknown', word: 'Waits for approval' },
  disabled: { shape: 'paused', word: 'Disabled' },
  revoked: { shape: 'paused', word: 'Revoked' },
  unplaced: { shape: 'unknown', word: 'Has no location yet' },
  unheard: { shape: 'unknown', word: 'Not heard yet' },
  silent: { shape: 'down', word: 'Silent' },
  quarantined: { shape: 'degraded', word: 'Quarantined' },
  blind: { shape: 'degraded', word: 'Cut off' },
  reports: { shape: 'up', word: 'Reports' },
};

export function standingWords({ standing }: Pick<RunnerModel, 'standing'>) {
  return STANDING[standing];
}

/** "0.1.0, older than this Anyup (0.2.0)" */
export function versionWords(version: string, ours: string): string {
  const order = compareVersions(version, ours);
  if (order === 0) return version;
  return `${version}, ${order < 0 ? 'older' : 'newer'} than this Anyup (${ours})`;
}

/** Differences below this are nobody's concern. */
const SKEW_SHOWN_MS = 1000;

export function skewWords(skewMs: number): string {
  if (Math.abs(skewMs) < SKEW_SHOWN_MS) return `right to ${Math.abs(skewMs)} ms`;
  return `${humanDuration(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead' : 'behind'}; its readings are corrected`;
}

export function latenessWords({ latenessP50Ms, latenessP99Ms }: RunnerHealthModel): string {
  if (latenessP50Ms === null || latenessP99Ms === null) return 'not known yet';
  return `${latenessP50Ms} ms in the middle, 99 of 100 within ${latenessP99Ms} ms`;
}

export function cpuWords(cpu: number | null): string {
  return cpu === null ? 'not known yet' : `${percent(cpu)} of one core`;
}

/** What it does when Anyup is gone. */
export function deadmanWords({ deadmanRank }: Pick<RunnerModel, 'deadmanRank'>): string {
  if (deadmanRank === null) return 'no: it tells nobody when Anyup is gone';
  const turn = deadmanRank === 0 ? 'is the first to tell people' : 'tells people in its turn';
  return `rank ${deadmanRank}: it ${turn} when Anyup is gone`;
}

export function rejectedWords({ rejected }: RunnerHealthModel): string {
  if (rejected.count === 0) return 'none';
  return `${count(rejected.count, 'batch', 'batches')} that could not be read, the last because: ${rejected.lastReason ?? 'no reason given'}`;
}
