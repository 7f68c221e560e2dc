import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assignedLocations,
  isAssigned,
  ownerIn,
  ownerOf,
  type Placement,
  type RunnerPlace,
} from '#core/assign.ts';

const active = (id: number, locationId: number | null, more: Partial<RunnerPlace> = {}) => ({
  id,
  locationId,
  status: 'active',
  ...more,
});

const anywhere = (checkId: number): Placement => ({ checkId, locations: null, runnerId: null });

const LOCATIONS = [
  { id: 3, enabled: true },
  { id: 1, enabled: true },
  { id: 2, enabled: false },
];
const RUNNERS = [active(10, 1), active(11, 1), active(20, 2), active(30, 3)];

describe('the locations of a check', () => {
  test('are all enabled ones with a runner, unless it names some', () => {
    expect(assignedLocations(anywhere(1), LOCATIONS, RUNNERS)).toEqual([1, 3]);
    expect(assignedLocations({ ...anywhere(1), locations: [2, 3, 9] }, LOCATIONS, RUNNERS)).toEqual(
      [3],
    );
  });

  test('are that of its runner only, when it is pinned', () => {
    const pinned = { ...anywhere(1), runnerId: 11 };
    expect(assignedLocations(pinned, LOCATIONS, RUNNERS)).toEqual([1]);
    expect(assignedLocations({ ...pinned, runnerId: 20 }, LOCATIONS, RUNNERS)).toEqual([]);
  });

  test('a location stays assigned while its runners are silent, and leaves with the last active one', () => {
    const silent = [active(10, 1, { silent: true })];
    expect(assignedLocations(anywhere(1), LOCATIONS, silent)).toEqual([1]);
    const revoked = [active(10, 1, { status: 'revoked' })];
    expect(assignedLocations(anywhere(1), LOCATIONS, revoked)).toEqual([]);
  });
});

describe('whose results count', () => {
  test('those of any active runner in an assigned location', () => {
    const counting = RUNNERS.filter((runner) => isAssigned(anywhere(1), runner, LOCATIONS));
    expect(counting.map(({ id }) => id)).toEqual([10, 11, 30]);
  });

  test('of a pinned check those of its runner only', () => {
    const pinned = { ...anywhere(1), runnerId: 11 };
    const counting = RUNNERS.filter((runner) => isAssigned(pinned, runner, LOCATIONS));
    expect(counting.map(({ id }) => id)).toEqual([11]);
  });

  test('not those of a runner that waits for approval or has no place yet', () => {
    expect(isAssigned(anywhere(1), active(40, 1, { status: 'pending' }), LOCATIONS)).toBe(false);
    expect(isAssigned(anywhere(1), active(40, null), LOCATIONS)).toBe(false);
  });
});

const someRunners = fc
  .uniqueArray(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 8 })
  .map((ids) => ids.map((id) => active(id, 1)));
const checkId = fc.integer({ min: 1, max: 1_000_000 });

describe('the owner', () => {
  test('is one of the runners of the location, whatever their order', () => {
    fc.assert(
      fc.property(checkId, someRunners, (check, runners) => {
        const owner = ownerOf(check, runners);
        expect(runners.map(({ id }) => id)).toContain(owner);
        expect(ownerOf(check, runners.toReversed())).toBe(owner);
      }),
    );
  });

  test('changes only for the checks of the runner that went', () => {
    fc.assert(
      fc.property(checkId, someRunners, fc.nat(7), (check, runners, gone) => {
        fc.pre(runners.length > 1 && gone < runners.length);
        const before = ownerOf(check, runners);
        const silent = runners.map((each, index) =>
          index === gone ? { ...each, silent: true } : each,
        );
        const after = ownerOf(check, silent);
        if (before === runners[gone]?.id) expect(after).not.toBe(before);
        else expect(after).toBe(before);
      }),
    );
  });

  test('is a silent runner rather than nobody', () => {
    expect(ownerOf(5, [active(1, 1, { silent: true })])).toBe(1);
    expect(ownerOf(5, [active(1, 1, { status: 'disabled' })])).toBeNull();
    expect(ownerOf(5, [])).toBeNull();
  });

  test('work is shared evenly', () => {
    const runners = [1, 2, 3, 4].map((id) => active(id, 1));
    const counts = new Map<number | null, number>();
    for (let check = 1; check <= 4000; check++) {
      const owner = ownerOf(check, runners);
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  test('of a pinned check is its runner, and nobody elsewhere', () => {
    const pinned = { ...anywhere(1), runnerId: 11 };
    expect(ownerIn(pinned, 1, RUNNERS)).toBe(11);
    expect(ownerIn(pinned, 3, RUNNERS)).toBeNull();
    expect([10, 11]).toContain(ownerIn(anywhere(1), 1, RUNNERS));
  });
});
