import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from '#core/backoff.ts';

test('waits double with every failure, up to the longest', () => {
  const wait = (attempt: number) =>
    backoffMs(attempt, { baseMs: 1000, maxMs: 60_000, random01: 1 });
  expect([1, 2, 3, 4, 7, 100].map(wait)).toEqual([1000, 2000, 4000, 8000, 60_000, 60_000]);
});

test('chance takes at most half of a wait, so that all do not come back at once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, random01) => {
        const longest = backoffMs(attempt, { baseMs: 500, maxMs: 60_000, random01: 1 });
        const wait = backoffMs(attempt, { baseMs: 500, maxMs: 60_000, random01 });
        expect(wait).toBeLessThanOrEqual(longest);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(longest / 2));
      },
    ),
  );
});
