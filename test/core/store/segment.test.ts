import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextSlotAt } from '#core/schedule.ts';
import { toLog16 } from '#core/store/log16.ts';
import { Outcomes } from '#core/store/outcome.ts';
import {
  BLOCK,
  decodeSegments,
  encodeSegment,
  readSegments,
  type StoredResult,
} from '#core/store/segment.ts';
import { T0 } from '../arbitrary.ts';

const shards = fc.constantFrom(0, 1);

/** Anything at all; and, half of the time, what a runner on its grid measures. */
const result: fc.Arbitrary<StoredResult> = fc
  .record({
    position: fc.integer({ min: BLOCK, max: 2 * BLOCK - 1 }),
    intervalMs: fc.constantFrom(1000, 7500, 60_000, 3_600_000),
    at: fc.integer({ min: T0, max: T0 + 3_600_000 }),
    lateMs: fc.option(fc.nat(12)),
    onGridOf: shards,
    level: fc.option(fc.integer({ min: 100, max: 999 }), { freq: 8 }),
    rttUs: fc.option(fc.integer({ min: 1, max: 60_000_000 })),
    code: fc.constantFrom('ok', 'ok', 'timeout', 'http.status'),
    blind: fc.boolean(),
    old: fc.boolean(),
    asked: fc.boolean(),
  })
  .map(({ lateMs, onGridOf, ...each }) => ({
    ...each,
    at:
      lateMs === null
        ? each.at
        : nextSlotAt({ shard: onGridOf, position: each.position }, each.intervalMs, each.at - 1) +
          lateMs,
  }));

const sorted = <T extends { at: number; position: number; level: number | null }>(list: T[]) =>
  list.sort((a, b) => a.at - b.at || a.position - b.position || (a.level ?? 0) - (b.level ?? 0));

const kept = (results: readonly StoredResult[]) =>
  sorted(
    results.map(({ position, at, level, rttUs, code, blind, old }) => {
      return { position, at, level, rtt: toLog16(rttUs), code, blind, old };
    }),
  );

const read = (bytes: Uint8Array) =>
  sorted(
    decodeSegments(bytes).map(({ position, at, rtt, level, code, blind, old }) => ({
      position: position,
      at,
      level,
      rtt,
      code,
      blind,
      old,
    })),
  );

const apart = fc.uniqueArray(result, {
  selector: ({ at, position }) => `${at} ${position}`,
  maxLength: 80,
});

describe('results as they arrive in a row', () => {
  test('all come back, on their grid or off it, whatever they are', () => {
    fc.assert(
      fc.property(shards, apart, (shard, results) => {
        expect(read(encodeSegment(shard, results))).toEqual(kept(results));
      }),
    );
  });

  test('flushes appended to one another are read as one', () => {
    fc.assert(
      fc.property(shards, fc.array(result), fc.array(result), (shard, first, second) => {
        const bytes = new Uint8Array([
          ...encodeSegment(shard, first),
          ...encodeSegment(shard, second),
        ]);
        expect(decodeSegments(bytes)).toHaveLength(first.length + second.length);
      }),
    );
  });

  test.each([0, 1])('on their grid they take less than 2.6 bytes each (shard %i)', (shard) => {
    const results = Array.from({ length: BLOCK }, (_, position) => position)
      .map((position) => ({ position, at: nextSlotAt({ shard, position }, 60_000, T0) }))
      .filter(({ at }) => at < T0 + 15_000)
      .map(({ position, at }, index) => ({
        ...{ position, at: at + (at % 7), intervalMs: 60_000, rttUs: 20_000 + index * 50 },
        ...{ level: 100, code: 'ok', blind: false, old: false, asked: false },
      }));
    expect(encodeSegment(shard, results).byteLength / results.length).toBeLessThan(2.6);
  });

  test('a flush that is corrupt is counted and skipped; the others of its row are read', () => {
    const one = encodeSegment(
      0,
      [...[{ position: 3, at: T0, level: 500, rttUs: 7, code: 'timeout', intervalMs: 60_000 }]].map(
        (each) => ({ ...each, blind: false, old: false, asked: false }),
      ),
    );
    const broken = one.slice();
    broken.fill(0xff, 5);
    let count = 0;
    const { corrupt } = readSegments(
      new Uint8Array([...one, ...broken, ...one]),
      new Outcomes(),
      () => {
        count++;
      },
    );
    expect({ corrupt, count }).toEqual({ corrupt: 1, count: 2 });
  });

  test('no bytes whatever do harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const length = noise.length;
        const bytes = new Uint8Array([2, length >> 8, length & 255, 0, 0, ...noise]);
        readSegments(bytes, new Outcomes(), () => undefined);
        readSegments(noise, new Outcomes(), () => undefined);
      }),
    );
    expect(() => decodeSegments(new Uint8Array([9]))).toThrow('corrupt');
    expect(decodeSegments(new Uint8Array(0))).toEqual([]);
  });
});
