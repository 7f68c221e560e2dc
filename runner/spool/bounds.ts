import type { Segment } from './segment.ts';

export interface SpoolLimits {
  /** Of all files; beyond it the oldest goes. */
  bytes: number;
  /** Of what is kept without a disk. */
  memoryBytes: number;
  ageMs: number;
  /** A file is closed when it is this large. */
  segmentBytes: number;
}

export const SPOOL_LIMITS: SpoolLimits = {
  bytes: 256 * 1024 * 1024,
  memoryBytes: 16 * 1024 * 1024,
  ageMs: 7 * 86_400_000,
  segmentBytes: 256 * 1024,
};

/** The oldest segment that has to go, and why; null when all may stay. The youngest always stays. */
export function overBounds(
  segments: readonly Segment[],
  limits: SpoolLimits,
  now: number,
): { segment: Segment; why: string } | null {
  const old = segments.slice(0, -1).find(({ newestAt }) => newestAt < now - limits.ageMs);
  if (old) return { segment: old, why: 'they are too old' };
  for (const inMemory of [false, true]) {
    const same = segments.filter(({ memory }) => (memory !== null) === inMemory);
    const bytes = same.reduce((sum, segment) => sum + segment.bytes, 0);
    const [oldest] = same;
    if (oldest && same.length > 1 && bytes > (inMemory ? limits.memoryBytes : limits.bytes)) {
      return { segment: oldest, why: 'the spool is full' };
    }
  }
  return null;
}
