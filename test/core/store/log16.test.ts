import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromLog16, fromSpan16, toLog16, toSpan16 } from '#core/store/log16.ts';

describe('an RTT in 16 bits', () => {
  test('comes back within 0.03 % from 1 µs to 65 s', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_000_000 }), (us) => {
        const code = toLog16(us);
        expect(code).toBeGreaterThan(0);
        expect(code).toBeLessThanOrEqual(0xffff);
        expect(Math.abs((fromLog16(code) ?? 0) - us)).toBeLessThanOrEqual(0.5 + us * 0.0003);
      }),
    );
  });

  test('is the same code again after a round trip', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_000_000 }), (us) => {
        const once = fromLog16(toLog16(us));
        expect(fromLog16(toLog16(once))).toBe(once);
      }),
    );
  });

  test('keeps "none", and what is beyond its ends', () => {
    expect(fromLog16(toLog16(null))).toBeNull();
    expect(fromLog16(toLog16(0))).toBe(1);
    expect(fromLog16(toLog16(10 ** 12))).toBe(65_000_000);
  });
});

describe('a duration in 16 bits', () => {
  test('is never shorter and hardly longer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * 86_400_000 }), (ms) => {
        const back = fromSpan16(toSpan16(ms));
        expect(toSpan16(ms)).toBeLessThanOrEqual(0xffff);
        expect(back).toBeGreaterThanOrEqual(ms);
        expect(back).toBeLessThanOrEqual(ms * 1.0005 + 10);
        expect(toSpan16(back)).toBe(toSpan16(ms));
      }),
    );
  });
});
