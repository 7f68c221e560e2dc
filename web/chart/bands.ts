// Runs of status as they are laid behind the lines.

import type { SeriesBand, ShownStatus } from '#core/history/series.ts';

export type BandStatus = Exclude<ShownStatus, 'up'>;

/** The worse is drawn over the milder. */
export const BAND_ORDER: readonly BandStatus[] = ['unknown', 'degraded', 'down', 'maintenance'];

export interface Span {
  from: number;
  to: number;
}

/**
 * Where a status held, in the units of `place`, within 0 … `end`: runs closer together than `least` are one, and none is
 * narrower, so that the shortest outage is still seen.
 */
export function spansOf(
  bands: readonly SeriesBand[],
  status: BandStatus,
  place: (at: number) => number,
  end: number,
  least = 1,
): Span[] {
  const spans: Span[] = [];
  for (const band of bands) {
    if (band.status !== status || band.toAt <= band.fromAt) continue;
    const from = Math.max(0, place(band.fromAt));
    const to = Math.min(end, place(band.toAt));
    if (to < 0 || from > end || to < from) continue;
    const start = Math.min(from, end - least);
    const last = spans.at(-1);
    if (last && start - last.to < least) last.to = Math.max(last.to, to);
    else spans.push({ from: start, to: Math.max(to, start + least) });
  }
  return spans;
}
