import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isLevel,
  levelOfNagios,
  levelOfVigilExit,
  levelWord,
  rankOf,
  statusOf,
  statusOfRank,
  VIGIL_LEVEL,
  worstLevel,
} from '#core/level.ts';

test.each([
  [100, 'up', 'ok'],
  [101, 'up', 'info'],
  [199, 'up', 'info'],
  [200, 'degraded', 'warning'],
  [299, 'degraded', 'warning'],
  [300, 'down', 'critical'],
  [499, 'down', 'critical'],
  [500, 'down', 'error'],
  [998, 'down', 'error'],
  [999, 'down', 'silent'],
])('level %i is %s and shown as "%s"', (level, status, word) => {
  expect([statusOf(level), levelWord(level)]).toEqual([status, word]);
});

test('no level is unknown', () => {
  expect(statusOf(null)).toBe('unknown');
});

test('only whole numbers from 100 to 999 are levels', () => {
  expect([100, 999].every(isLevel)).toBe(true);
  expect([99, 1000, 100.5, Number.NaN, '100', null, undefined].some(isLevel)).toBe(false);
});

test('a host is its worst known check, and unknown only when none is known', () => {
  expect(worstLevel([100, null, 250])).toBe(250);
  expect(worstLevel([null, null])).toBeNull();
  expect(worstLevel([])).toBeNull();
});

test('a worse level is never a better status', () => {
  const level = fc.integer({ min: 100, max: 999 });
  fc.assert(
    fc.property(level, level, (one, other) => {
      fc.pre(one <= other);
      expect(rankOf(statusOf(one))).toBeLessThanOrEqual(rankOf(statusOf(other)));
      expect(statusOfRank(rankOf(statusOf(one)))).toBe(statusOf(one));
    }),
  );
});

test('what scripts say by their exit code maps onto the scale', () => {
  expect([0, 1, 2, 7].map(levelOfVigilExit)).toEqual([100, 250, 500, 500]);
  expect([0, 1, 2, 3, 4].map(levelOfNagios)).toEqual([100, 250, 500, null, 500]);
  expect(Object.values(VIGIL_LEVEL).map((level) => statusOf(level))).toEqual([
    'up',
    'degraded',
    'down',
  ]);
});
