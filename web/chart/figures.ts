// A range of history in a few numbers, and how they are written.
import { humanRtt } from '#core/duration.ts';
import type { SeriesLine } from '#core/history/series.ts';

export interface Figures {
  /** Shares of the known time; null = nothing is known. */
  uptime: number | null;
  down: number | null;
  /** Share of the whole range but for maintenance, what nobody watched included. */
  unknown: number;
  upMs: number;
  degradedMs: number;
  downMs: number;
  unknownMs: number;
  maintenanceMs: number;
  /** Over the good readings. */
  averageUs: number | null;
  readings: number;
}

/** Known time is up, degraded and down; degraded still answers, so it counts as up. */
export function figuresOf({ points }: SeriesLine, fromAt: number, toAt: number): Figures {
  const sum = { upMs: 0, degradedMs: 0, downMs: 0, unknownMs: 0, maintenanceMs: 0 };
  let readings = 0;
  let weight = 0;
  let total = 0;
  for (const { count, rtt, ...ms } of points) {
    for (const name of Object.keys(sum) as Array<keyof typeof sum>) sum[name] += ms[name];
    readings += count;
    if (rtt === null) continue;
    const weighs = Math.max(1, count);
    weight += weighs;
    total += weighs * rtt.avgUs;
  }
  const known = sum.upMs + sum.degradedMs + sum.downMs;
  const watched = Math.max(0, toAt - fromAt - sum.maintenanceMs);
  return {
    ...sum,
    uptime: known > 0 ? (sum.upMs + sum.degradedMs) / known : null,
    down: known > 0 ? sum.downMs / known : null,
    unknown: watched > 0 ? Math.min(1, Math.max(0, 1 - known / watched)) : 0,
    averageUs: weight > 0 ? total / weight : null,
    readings,
  };
}

/** "99.981 %", to three digits and never rounded up: only what was never down is "100 %". */
export function uptimeText(share: number | null): string {
  if (share === null) return 'not known';
  if (share >= 1) return '100 %';
  return `${(Math.floor(share * 100_000 + 1e-6) / 1000).toFixed(3)} %`;
}

/** "0.2 %"; a little is never "0 %". */
export function shareText(share: number): string {
  if (share <= 0) return '0 %';
  if (share < 0.0001) return 'under 0.01 %';
  return `${Number((share * 100).toFixed(2))} %`;
}

/** "Up 99.981 %", "Down 0.02 %", …: as gosrvmon's heading has them. */
export function figureTexts(figures: Figures): string[] {
  if (figures.uptime === null) return ['Nothing is known of this time'];
  return [
    `Up ${uptimeText(figures.uptime)}`,
    `Down ${shareText(figures.down ?? 0)}`,
    `Unknown ${shareText(figures.unknown)}`,
    ...(figures.averageUs === null ? [] : [`Average RTT ${humanRtt(figures.averageUs)}`]),
  ];
}
