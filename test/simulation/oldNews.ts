// Decision 20: who calls it up and last reached it before the outage began does not end that outage.
import { reachedAt, type Verdict } from './ideal.ts';
import type { Watch } from './law.ts';

/** Would `want` be held of the check, were it not older than the outage that is held? */
export function isOldNews({ world, evidence }: Watch, checkId: number, want: Verdict): boolean {
  if (want !== 'up' && want !== 'degraded') return false;
  const check = evidence.now.conf.checks.get(checkId);
  const beganAt = outageSince({ evidence }, checkId);
  if (!check || beganAt === null) return false;
  const seen = (runnerId: number) => evidence.seenBy(runnerId, checkId);
  const at = reachedAt(check, evidence.now, seen, world.clock.nowMs);
  return at !== null && at < beganAt;
}

/** Since when it is held down; also while nobody can tell whether it still is. */
function outageSince({ evidence }: Pick<Watch, 'evidence'>, checkId: number): number | null {
  const state = evidence.states.get(checkId);
  const flips = evidence.flips.filter((flip) => flip.checkId === checkId);
  if (state?.status === 'down') return flips.at(-1)?.sinceAt ?? null;
  if (state?.status !== 'unknown' || state.incidentAt === null) return null;
  const openedAt = state.incidentAt;
  const wasDown = flips.some(({ to, sinceAt }) => to === 'down' && sinceAt >= openedAt);
  return wasDown ? openedAt : null;
}
