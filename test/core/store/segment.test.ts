import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeSegments, encodeSegment, type StoredResult } from '#core/store/segment.ts';
import { T0 } from '../arbitrary.ts';

const result: fc.Arbitrary<StoredResult> = fc.record({
  position: fc.nat(999),
  at: fc.integer({ min: T0, max: T0 + 3_600_000 }),
  level: fc.option(fc.integer({ min: 100, max: 999 }), { freq: 8 }),
  rttUs: fc.option(fc.integer({ min: 1, max: 60_000_000 })),
  code: fc.constantFrom('ok', 'timeout', 'http.status'),
  blind: fc.boolean(),
  oldRev: fc.option(fc.nat(65_535)),
});

const comparable = (results: readonly StoredResult[]) =>
  results
    .map(({ rttUs, ...rest }) => ({ ...rest, answered: rttUs !== null }))
    .sort((a, b) => a.at - b.at || a.position - b.position || (a.level ?? 0) - (b.level ?? 0));

describe('results as a minute row keeps them', () => {
  test('all come back, whatever they are', () => {
    const apart = fc.uniqueArray(result, {
      selector: ({ at, position }) => `${at} ${position}`,
      maxLength: 60,
    });
    fc.assert(
      fc.property(apart, (results) => {
        expect(comparable(decodeSegments(encodeSegment(results)))).toEqual(comparable(results));
      }),
    );
  });

  test('flushes appended to one another are read as one', () => {
    fc.assert(
      fc.property(fc.array(result), fc.array(result), (first, second) => {
        const bytes = new Uint8Array([...encodeSegment(first), ...encodeSegment(second)]);
        expect(decodeSegments(bytes)).toHaveLength(first.length + second.length);
      }),
    );
  });

  test('a plain result takes about three bytes', () => {
    const results = Array.from({ length: 250 }, (_, index) => ({
      position: index * 4,
      at: T0 + Math.floor(index / 17) * 1000,
      level: 100,
      rttUs: 20_000 + index,
      code: 'ok',
      blind: false,
      oldRev: null,
    }));
    expect(encodeSegment(results).byteLength / results.length).toBeLessThan(3.5);
  });

  test('bytes cut short or of another version are refused', () => {
    const bytes = encodeSegment([
      { position: 3, at: T0, level: 500, rttUs: 7, code: 'timeout', blind: false, oldRev: null },
    ]);
    for (let length = 1; length < bytes.length; length++) {
      expect(() => decodeSegments(bytes.subarray(0, length))).toThrow(RangeError);
    }
    expect(() => decodeSegments(new Uint8Array([9]))).toThrow('unknown version');
    expect(decodeSegments(new Uint8Array(0))).toEqual([]);
  });
});
