import { isSilent } from '#core/fleet.ts';
import { silentHostAfterMs } from '#core/report.ts';
import type { Configuration } from '#db/plan.ts';

/** No host may be called silent sooner than this (core/checks/report.ts). */
const SOONEST_MS = 10_000;

/** A runner posted last at `postedAt`: was it, or a host that it must report for, silent since? Then this post ends that. */
export function endsSilence(
  { plan }: Configuration,
  post: { runnerId: number; postedAt: number; now: number; flushMs: number },
): boolean {
  const { runnerId, postedAt, now, flushMs } = post;
  if (now - postedAt <= SOONEST_MS) return false;
  if (isSilent(postedAt, now, flushMs)) return true;
  for (const { mustReportMs, intervalMs, runnerId: by } of plan.byId.values()) {
    if (mustReportMs === null || by !== runnerId) continue;
    if (now > postedAt + silentHostAfterMs({ mustReportMs, intervalMs, flushMs })) return true;
  }
  return false;
}
