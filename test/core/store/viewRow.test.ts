import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ViewRow } from '#core/store/viewRow.ts';
import { fold, foldAll, newView, type View } from '#core/view.ts';
import * as some from '../arbitrary.ts';

const BASE = some.T0 - 86_400_000;
const KEPT_MS = 600_000;

/** Through the bytes and back. */
const stored = (row: ViewRow) => ViewRow.parse(row.bytes(), BASE);

function storedView(view: View | null, position = 0): View | null {
  const row = ViewRow.empty(BASE);
  row.set(position, view);
  return stored(row).get(position);
}

describe('a view through its row', () => {
  test('keeps what judging needs: exactly, or within the stated precision', () => {
    fc.assert(
      fc.property(some.view, fc.nat(999), (view, position) => {
        const back = storedView(view, position);
        expect(back).not.toBeNull();
        if (back === null) return;
        const { rttUs, rttAt, freshForMs, sinceAt, ...exact } = view;
        expect(back).toMatchObject(exact);
        expect(back.freshForMs).toBeGreaterThanOrEqual(freshForMs);
        expect(back.freshForMs).toBeLessThanOrEqual(freshForMs * 1.0005 + 10);
        if (rttUs === null) expect(back.rttUs).toBeNull();
        else {
          expect(back.rttAt).toBe(rttAt);
          expect(Math.abs((back.rttUs ?? 0) - rttUs)).toBeLessThanOrEqual(1 + rttUs * 0.0003);
        }
        const plainlyGoodForLong = sinceAt !== null && view.at - sinceAt >= KEPT_MS;
        expect([sinceAt, ...(plainlyGoodForLong ? [0] : [])]).toContain(back.sinceAt);
      }),
    );
  });

  test('through it twice is the same as once', () => {
    fc.assert(
      fc.property(some.view, (view) => {
        const once = storedView(view);
        expect(storedView(once)).toEqual(once);
      }),
    );
  });

  test('readings folded through the row give what they give in memory', () => {
    fc.assert(
      fc.property(some.readings, some.rules, (sequence, rules) => {
        let held: View | null = newView(1);
        for (const reading of sequence) {
          held = storedView(fold(held ?? newView(1), reading, rules, some.FRESHNESS));
        }
        const direct = foldAll(null, 1, sequence, rules, some.FRESHNESS);
        const { level, run, lastGoodAt, badSinceAt, seenGood, blind, code } = direct;
        expect(held).toMatchObject({ level, run, lastGoodAt, badSinceAt, seenGood, blind, code });
      }),
    );
  });

  test('a long text is cut', () => {
    expect(storedView({ ...newView(1), at: some.T0, text: 'x'.repeat(500) })?.text).toHaveLength(
      120,
    );
  });
});

describe('a row of views', () => {
  const good = foldAll(
    null,
    1,
    [0, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600, 660].map((second) => ({
      at: some.T0 + second * 1000,
      level: 100,
      rttUs: 20_000,
      code: 'ok',
      text: '',
    })),
    { failures: 2, successes: 1 },
    some.FRESHNESS,
  );

  test('takes 12 bytes for a check that is plainly good', () => {
    const row = ViewRow.empty(BASE);
    for (let position = 0; position < 1000; position++) row.set(position, good);
    expect(row.bytes().byteLength).toBe(12_004);
  });

  test('keeps its views apart', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(999), fc.option(some.view)), { maxLength: 20 }),
        (writes) => {
          const row = ViewRow.empty(BASE);
          for (const [position, view] of writes) row.set(position, view);
          const last = new Map(writes);
          const back = stored(row);
          for (const [position, view] of last) {
            expect(back.get(position)).toEqual(view && storedView(view));
          }
          expect(back.count).toBe(Math.max(0, ...writes.map(([position]) => position + 1)));
        },
      ),
    );
  });

  test('a place nobody wrote has no view', () => {
    const row = ViewRow.empty(BASE);
    row.set(5, good);
    expect([row.get(0), row.get(6), stored(row).get(4)]).toEqual([null, null, null]);
  });

  test('a view can be taken out again, with what it carried', () => {
    const row = ViewRow.empty(BASE);
    row.set(0, { ...good, code: 'timeout', text: 'long ago' });
    row.set(0, null);
    expect(stored(row).get(0)).toBeNull();
    row.set(0, good);
    expect(stored(row).get(0)).toMatchObject({ code: 'ok', text: '' });
  });

  test('bytes that are not ours are refused', () => {
    expect(() => ViewRow.parse(new Uint8Array([9, 9, 9, 9]), BASE)).toThrow('bad header');
    expect(() => ViewRow.parse(new Uint8Array([1]), BASE)).toThrow('bad header');
    expect(() => ViewRow.parse(new Uint8Array([1, 0, 0, 9]), BASE)).toThrow('cut short');
    expect(() => ViewRow.parse(new Uint8Array([1, 0, 0, 0, 123]), BASE)).toThrow();
    expect(ViewRow.parse(new Uint8Array(0), BASE).count).toBe(0);
  });
});
