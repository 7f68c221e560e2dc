import { describe, expect, test } from 'vitest';
import { group, membersOf } from '#core/checks/group.ts';
import { groupWord, loopFrom } from '#core/grouping.ts';

function members(...levels: Array<number | null>) {
  return levels.map((level, index) => ({ name: `m${index + 1}`, weight: index + 1, level }));
}

describe('a group', () => {
  test.each([
    ['worst', [100, 250, 500], 500],
    ['worst', [100, null], 100],
    ['worst', [null, null], null],
    ['best', [500, 250, 400], 250],
    ['best', [500, null], null],
    ['best', [100, null], 100],
    ['best', [], null],
  ] as const)('as its %s of %j is %s', (rule, levels, expected) => {
    expect(groupWord({ rule, needed: 1 }, members(...levels)).level).toBe(expected);
  });

  test.each([
    [3, [100, 100, 500], 100],
    [4, [100, 100, 500], 400],
    [4, [100, 100, 250], 250],
    [4, [100, 100, null], null],
    [4, [500, 500, null], 400],
    [99, [100, 100, 100], 100],
    [1, [], null],
  ] as const)(
    'that needs a weight of %i of 1 + 2 + 3 with %j is %s',
    (needed, levels, expected) => {
      expect(groupWord({ rule: 'atLeast', needed }, members(...levels)).level).toBe(expected);
    },
  );

  test('says how many are up and names those that are not', () => {
    const { text } = groupWord({ rule: 'best', needed: 1 }, members(100, 500, 250, null));
    expect(text).toBe('1 of 4 up; not up: m2, m3; unknown: m4');
  });

  test('takes checks and hosts, with weights', () => {
    const spec = group.schema.parse({ target: 'shop', members: ['check:12', 'host:3*2'] });
    expect(membersOf(spec)).toEqual([
      { of: 'check', id: 12, weight: 1 },
      { of: 'host', id: 3, weight: 2 },
    ]);
    expect(group.schema.safeParse({ target: 'shop', members: ['web'] }).success).toBe(false);
  });

  test('that comes back to itself is found, with the way it takes', () => {
    const made: Record<number, number[]> = { 1: [2, 3], 2: [4], 3: [5], 5: [1], 6: [1] };
    const of = (id: number) => made[id] ?? [];
    expect(loopFrom(1, of)).toEqual([1, 3, 5, 1]);
    expect(loopFrom(6, of)).toBeNull();
    expect(loopFrom(2, of)).toBeNull();
  });
});
