import type { MachineSpec } from '#core/checks/machine.ts';
import { humanDuration } from '#core/duration.ts';
import { CRITICAL, type Level, OK, WARNING } from '#core/level.ts';
import { Memo } from './memo.ts';

type Limits = Pick<
  MachineSpec,
  'degradedAbove' | 'downAbove' | 'degradedBelow' | 'downBelow' | 'sustained'
>;

/** Since when each limit is passed, on the caller's clock; null = it is not. */
interface Passed {
  degradedMs: number | null;
  downMs: number | null;
}

const passed = new Memo<Passed>();

/** The level of a value by a check's limits, which `words` writes like the value; a limit counts once it was passed at every look for the time it must last. */
export function judgeLimits(
  identity: string,
  value: number,
  limits: Limits,
  nowMs: number,
  words: (value: number) => string,
): { level: Level; text: string } {
  const before = passed.get(identity) ?? { degradedMs: null, downMs: null };
  const passes = (above: number | undefined, below: number | undefined) => {
    if (above !== undefined && value > above) return `above ${words(above)}`;
    return below !== undefined && value < below ? `below ${words(below)}` : null;
  };
  const down = passes(limits.downAbove, limits.downBelow);
  const degraded = passes(limits.degradedAbove, limits.degradedBelow) ?? down;
  const now: Passed = {
    degradedMs: degraded === null ? null : (before.degradedMs ?? nowMs),
    downMs: down === null ? null : (before.downMs ?? nowMs),
  };
  passed.set(identity, now);
  const lasts = (sinceMs: number | null) => sinceMs !== null && nowMs - sinceMs >= limits.sustained;
  if (down !== null && lasts(now.downMs))
    return { level: CRITICAL, text: say(down, now.downMs, nowMs) };
  if (degraded !== null && lasts(now.degradedMs)) {
    return { level: WARNING, text: say(degraded, now.degradedMs, nowMs) };
  }
  if (degraded === null) return { level: OK, text: '' };
  const text = `${say(degraded, now.degradedMs, nowMs)}, not yet for ${humanDuration(limits.sustained)}`;
  return { level: OK, text };
}

function say(limit: string, sinceMs: number | null, nowMs: number): string {
  const lastedMs = nowMs - (sinceMs ?? nowMs);
  return lastedMs >= 1000 ? `${limit} for ${humanDuration(lastedMs)}` : limit;
}
