// Planned work: announced, shown over the status while it lasts, never instead of recording it.

export interface Maintenance {
  id: number;
  title: string;
  fromAt: number;
  untilAt: number;
  /** Ids of the hosts it is for; null = all of them. */
  hosts: readonly number[] | null;
}

/** A stretch of time, its end not in it. */
export interface Stretch {
  fromAt: number;
  toAt: number;
}

/** The work a host is in at a moment, that which ends last; null = none. */
export function maintenanceOf(
  all: readonly Maintenance[],
  hostId: number,
  at: number,
): Maintenance | null {
  let found: Maintenance | null = null;
  for (const each of all) {
    if (at < each.fromAt || at >= each.untilAt || !covers(each, hostId)) continue;
    if (found === null || each.untilAt > found.untilAt) found = each;
  }
  return found;
}

/** When a host is worked on within [fromAt, toAt): apart and in order. */
export function stretchesOf(
  all: readonly Maintenance[],
  hostId: number,
  fromAt: number,
  toAt: number,
): Stretch[] {
  const stretches: Stretch[] = [];
  const own = all.filter((each) => covers(each, hostId)).sort((a, b) => a.fromAt - b.fromAt);
  for (const each of own) {
    const [start, end] = [Math.max(each.fromAt, fromAt), Math.min(each.untilAt, toAt)];
    if (end <= start) continue;
    const last = stretches.at(-1);
    if (last && start <= last.toAt) last.toAt = Math.max(last.toAt, end);
    else stretches.push({ fromAt: start, toAt: end });
  }
  return stretches;
}

function covers({ hosts }: Maintenance, hostId: number): boolean {
  return hosts === null || hosts.includes(hostId);
}
