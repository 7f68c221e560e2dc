// The confirm burst: as soon as one location sees a check turn, the others that watch it are asked to look at once.
import type { InStatement } from '@libsql/client';
import { assignedLocations, HERE, ownerIn } from '#core/assign.ts';
import type { Ask } from '#core/wire/ask.ts';
import type { Configuration, PlannedCheck } from '#db/plan.ts';
import { base64url } from '#worker/crypto/hash.ts';
import type { Platform } from '#worker/platform.ts';

/** A location that flaps must not keep all others busy. */
const ONCE_PER_MS = 10_000;
const MOST_CHECKS = 200;
/** What is asked later than this helps nobody. */
const GOOD_FOR_MS = 45_000;

/** Who was asked of what and when, as far as this isolate knows. */
const asked = new WeakMap<object, Map<number, number>>();

export interface Burst {
  runnerIds: number[];
  /**
   * One row each: the runner's own, which its next post reads anyway. Part of the write that stores what was seen, and
   * only taking effect if the statement before did.
   */
  statements: InStatement[];
  /** To be called once that is written: what was not written was not asked, and its repeat asks anew. */
  written: () => void;
  /** What the worker is to look at itself. */
  here: ReadonlySet<number>;
}

/** Asks the runners that own these checks in the other locations than the caller's. */
export function confirmBurst(
  platform: Platform,
  turned: readonly PlannedCheck[],
  fromLocationId: number | null,
  { fleet }: Configuration,
): Burst {
  const now = platform.now();
  const worth = worthAsking(platform, turned, now);
  const byRunner = new Map<number, number[]>();
  for (const check of worth) {
    for (const locationId of assignedLocations(check, fleet.locations, fleet.runners)) {
      if (locationId === fromLocationId) continue;
      const owner = ownerIn(check, locationId, fleet.runners);
      if (owner !== null) byRunner.set(owner, [...(byRunner.get(owner) ?? []), check.checkId]);
    }
  }
  const here = new Set(byRunner.get(HERE));
  byRunner.delete(HERE);
  const statements = [...byRunner].map(([runnerId, checkIds]): InStatement => {
    const confirm: Waiting = [base64url(platform.random(9)), now + GOOD_FOR_MS, checkIds];
    return {
      sql: `update runner set confirm = (
              select json_group_array(json(value)) from (
                select value from json_each(coalesce(confirm, '[]')) where value ->> 1 > ?
                union all select ?))
            where id = ? and changes() > 0`,
      args: [now, JSON.stringify(confirm), runnerId],
    };
  });
  const written = () => remember(platform, worth, now);
  return { runnerIds: [...byRunner.keys()], statements, written, here };
}

type Waiting = [id: string, untilAt: number, checkIds: number[]];

/** What still waits in a runner's row. It is handed out until it has run out; a runner does each id once. */
export function confirmsWaiting(column: string | null, now: number): Ask[] {
  if (column === null) return [];
  return (JSON.parse(column) as Waiting[])
    .filter(([, untilAt]) => untilAt > now)
    .map(([id, , checkIds]) => ({ id, type: 'confirm', checkIds }));
}

/** Not those that others were asked of a moment ago, and not all of a network that fell apart. */
function worthAsking(
  { db }: Platform,
  turned: readonly PlannedCheck[],
  now: number,
): readonly PlannedCheck[] {
  if (turned.length === 0) return turned;
  const known = asked.get(db.$client);
  const isRecent = (checkId: number) => now - (known?.get(checkId) ?? -Infinity) < ONCE_PER_MS;
  return turned.filter(({ checkId }) => !isRecent(checkId)).slice(0, MOST_CHECKS);
}

function remember({ db }: Platform, worth: readonly PlannedCheck[], now: number): void {
  if (worth.length === 0) return;
  const known = asked.get(db.$client) ?? new Map<number, number>();
  asked.set(db.$client, known);
  for (const [checkId, at] of known) if (now - at >= ONCE_PER_MS) known.delete(checkId);
  for (const { checkId } of worth) known.set(checkId, now);
}
