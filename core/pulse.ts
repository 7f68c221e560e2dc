// The worker's own pulse. A worker that was not running heard nobody, so it may not call anybody silent for it.

/** Without a tick for longer than this, the worker was deaf. */
export const DEAF_AFTER_MS = 150_000;

export interface Pulse {
  /** The last tick; 0 = never. */
  tickAt: number;
  /** After deafness: until when nothing expires (runners come back with a back-off); 0 = no grace. */
  graceUntilAt: number;
  /** The last tick before the deafness: freshness is judged by this time during the grace. */
  frozenAt: number;
}

export const NO_PULSE: Pulse = { tickAt: 0, graceUntilAt: 0, frozenAt: 0 };

/** The time by which freshness is judged, and whether the worker may call anyone silent. */
export interface Hearing {
  /** `now`, or the last moment the worker surely heard. */
  judgedAt: number;
  deaf: boolean;
}

export function hearing(pulse: Pulse, now: number): Hearing {
  if (pulse.tickAt === 0) return { judgedAt: now, deaf: false };
  if (now < pulse.graceUntilAt) return { judgedAt: Math.min(pulse.frozenAt, now), deaf: true };
  if (now - pulse.tickAt > DEAF_AFTER_MS) return { judgedAt: lastHeard(pulse), deaf: true };
  return { judgedAt: now, deaf: false };
}

/** The last moment the clock ran: a tick within a grace did not move it. */
function lastHeard({ tickAt, graceUntilAt, frozenAt }: Pulse): number {
  return tickAt < graceUntilAt ? frozenAt : tickAt;
}

/** Records a tick. `deaf` names the time nothing ran, once. */
export function beat(
  pulse: Pulse,
  now: number,
  flushMs: number,
): { pulse: Pulse; deaf: { fromAt: number; toAt: number } | null } {
  const gap = pulse.tickAt === 0 ? 0 : now - pulse.tickAt;
  if (gap <= DEAF_AFTER_MS)
    return { pulse: { ...pulse, tickAt: Math.max(now, pulse.tickAt) }, deaf: null };
  return {
    pulse: {
      tickAt: now,
      graceUntilAt: now + Math.max(120_000, 4 * flushMs),
      frozenAt: lastHeard(pulse),
    },
    deaf: { fromAt: pulse.tickAt, toAt: now },
  };
}
