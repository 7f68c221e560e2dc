// The stretch of time that is looked at, and how far it may be moved.
export interface Window {
  fromAt: number;
  toAt: number;
}

const SHORTEST_MS = 10 * 60_000;
const LONGEST_MS = 400 * 86_400_000;

export function lastOf(ms: number, now: number): Window {
  return { fromAt: now - ms, toAt: now };
}

/** Moves by a share of what is seen; never beyond now. */
export function moved({ fromAt, toAt }: Window, share: number, now: number): Window {
  const by = (toAt - fromAt) * share;
  return within({ fromAt: fromAt + by, toAt: toAt + by }, now);
}

/** Shows `factor` times as much, around its middle; what ends now goes on ending now. */
export function zoomed(window: Window, factor: number, now: number): Window {
  const { fromAt, toAt } = window;
  const wide = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (toAt - fromAt) * factor));
  if (endsNow(window, now)) return lastOf(wide, now);
  const middle = (fromAt + toAt) / 2;
  return within({ fromAt: middle - wide / 2, toAt: middle + wide / 2 }, now);
}

/** What a hand drew: not too short, not beyond now. */
export function chosen(one: number, other: number, now: number): Window {
  const [fromAt, toAt] = one < other ? [one, other] : [other, one];
  const middle = (fromAt + toAt) / 2;
  const half = Math.max(SHORTEST_MS, toAt - fromAt) / 2;
  return within({ fromAt: middle - half, toAt: middle + half }, now);
}

/** Within two hundredths of what is seen. */
export function endsNow({ fromAt, toAt }: Window, now: number): boolean {
  return now - toAt < Math.max(60_000, (toAt - fromAt) / 50);
}

function within({ fromAt, toAt }: Window, now: number): Window {
  return toAt <= now ? { fromAt, toAt } : lastOf(toAt - fromAt, now);
}
