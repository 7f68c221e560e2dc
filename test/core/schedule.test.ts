import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextSlotAt, offsetMs, slotMs } from '#core/schedule.ts';

const interval = fc.oneof(
  fc.constantFrom(1000, 5000, 20_000, 60_000, 300_000),
  fc.integer({ min: 1000, max: 3_600_000 }),
);
const position = fc.nat(100_000);
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });

describe('the grid', () => {
  test('a slot is a second, a quarter of an interval below four', () => {
    expect(slotMs(60_000)).toBe(1000);
    expect(slotMs(4000)).toBe(1000);
    expect(slotMs(2000)).toBe(500);
    expect(slotMs(1000)).toBe(250);
  });

  test.each([
    [200, 20_000],
    [1000, 20_000],
    [10_000, 20_000],
    [200, 60_000],
    [1000, 60_000],
    [10_000, 60_000],
  ])('%i checks every %i ms fill every second alike', (checks, intervalMs) => {
    const filled = new Array<number>(intervalMs / 1000).fill(0);
    for (let place = 0; place < checks; place++) {
      const slot = offsetMs(place, intervalMs) / 1000;
      filled[slot] = (filled[slot] ?? 0) + 1;
    }
    expect(Math.max(...filled) - Math.min(...filled)).toBeLessThanOrEqual(4);
  });

  test('an offset is a whole number of slots, inside the interval', () => {
    fc.assert(
      fc.property(position, interval, (place, intervalMs) => {
        const offset = offsetMs(place, intervalMs);
        expect(offset % slotMs(intervalMs)).toBe(0);
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThan(intervalMs);
      }),
    );
  });

  test('slots never drift: after any delay a check is due at the same place of its interval', () => {
    fc.assert(
      fc.property(
        position,
        interval,
        time,
        fc.array(fc.nat(10_000_000)),
        (place, every, at, delays) => {
          let due = nextSlotAt(place, every, at);
          for (const delay of delays) {
            const next = nextSlotAt(place, every, due + delay);
            expect((next - due) % every).toBe(0);
            due = next;
          }
          expect(due % every).toBe(offsetMs(place, every));
        },
      ),
    );
  });

  test('the next slot is the first one after now: what was missed is skipped, not piled up', () => {
    fc.assert(
      fc.property(position, interval, time, (place, every, at) => {
        const due = nextSlotAt(place, every, at);
        expect(due).toBeGreaterThan(at);
        expect(due - every).toBeLessThanOrEqual(at);
      }),
    );
  });

  test('a check that is due right now is next due one interval later', () => {
    const due = nextSlotAt(17, 60_000, 1_795_219_200_000);
    expect(nextSlotAt(17, 60_000, due)).toBe(due + 60_000);
  });
});
