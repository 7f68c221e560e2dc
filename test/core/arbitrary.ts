// Generators shared by the property tests of core.
import fc from 'fast-check';
import type { LocationView } from '#core/merge.ts';
import type { Reading } from '#core/reading.ts';
import { type FoldRules, foldAll, newView, type View } from '#core/view.ts';

export const T0 = Date.UTC(2026, 10, 21, 9, 0, 0);
export const FRESHNESS = { intervalMs: 60_000, timeoutMs: 5000, flushMs: 15_000 };

export const level = fc.oneof(
  { weight: 4, arbitrary: fc.constant(100) },
  { weight: 4, arbitrary: fc.constant(500) },
  { weight: 2, arbitrary: fc.integer({ min: 100, max: 999 }) },
);

export const rules: fc.Arbitrary<FoldRules> = fc.record({
  failures: fc.integer({ min: 1, max: 4 }),
  successes: fc.integer({ min: 1, max: 4 }),
});

/** Readings in the order of time, mostly within freshness, sometimes after a gap. */
export const readings: fc.Arbitrary<Reading[]> = fc
  .array(
    fc.record({
      gapMs: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 1, max: 60_000 }) },
        { weight: 1, arbitrary: fc.integer({ min: 170_000, max: 3_600_000 }) },
      ),
      level: fc.oneof({ weight: 9, arbitrary: level }, { weight: 1, arbitrary: fc.constant(null) }),
      rttUs: fc.option(fc.integer({ min: 1, max: 60_000_000 })),
      blind: fc.oneof(
        { weight: 9, arbitrary: fc.constant(false) },
        { weight: 1, arbitrary: fc.constant(true) },
      ),
    }),
    { maxLength: 25 },
  )
  .map((steps) => {
    let at = T0;
    return steps.map(({ gapMs, level, rttUs, blind }): Reading => {
      at += gapMs;
      const code = level === null ? 'unable.icmp' : level < 200 ? 'ok' : 'timeout';
      return { at, level, rttUs, code, text: code === 'ok' ? '' : 'in words', blind };
    });
  });

/** A view as some sequence of readings leaves it. */
export const view: fc.Arbitrary<View> = fc
  .tuple(readings, rules)
  .map(([sequence, rule]) => foldAll(newView(1), 1, sequence, rule, FRESHNESS));

/** Up to six locations, some silent, some quarantined, some that never reported. */
export const locations: fc.Arbitrary<LocationView[]> = fc.uniqueArray(
  fc.record({
    locationId: fc.integer({ min: 1, max: 9 }),
    view: fc.option(view, { freq: 6 }),
    silent: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
    quarantined: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, fc.constant(true)),
  }),
  { selector: ({ locationId }) => locationId, maxLength: 6 },
);

export const policy = fc.oneof(
  fc.constant({ type: 'any' } as const),
  fc.constant({ type: 'majority' } as const),
  fc.constant({ type: 'all' } as const),
  fc.record({ type: fc.constant('atLeast' as const), n: fc.integer({ min: 1, max: 5 }) }),
  fc.record({
    type: fc.constant('required' as const),
    locations: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
  }),
);

/** A moment of judging, near the newest of the readings above. */
export const now = fc.integer({ min: T0, max: T0 + 1_800_000 });
