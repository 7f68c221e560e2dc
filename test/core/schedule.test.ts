import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Lay, layOf, nextSlotAt, offsetMs, slotMs } from '#core/schedule.ts';

const interval = fc.oneof(
  fc.constantFrom(1000, 5000, 20_000, 60_000, 300_000),
  fc.integer({ min: 1000, max: 3_600_000 }),
);
const position = fc.nat(100_000);
const place = fc.record({ shard: fc.nat(20), position });
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });

describe('the grid', () => {
  test('a slot is a second, a quarter of an interval below four', () => {
    expect(slotMs(60_000)).toBe(1000);
    expect(slotMs(4000)).toBe(1000);
    expect(slotMs(2000)).toBe(500);
    expect(slotMs(1000)).toBe(250);
  });

  /** How many of the first so many checks are due in each slot. */
  function filled(checks: number, intervalMs: number, lay: Lay): number[] {
    const slots = new Array<number>(intervalMs / slotMs(intervalMs)).fill(0);
    for (let nth = 0; nth < checks; nth++) {
      const slot = offsetMs(nth, intervalMs, lay) / slotMs(intervalMs);
      slots[slot] = (slots[slot] ?? 0) + 1;
    }
    return slots;
  }

  test.each([
    [200, 20_000],
    [1000, 20_000],
    [1000, 60_000],
  ])('%i checks every %i ms of a further shard fill every second alike', (checks, intervalMs) => {
    const slots = filled(checks, intervalMs, layOf(1));
    expect(Math.max(...slots) - Math.min(...slots)).toBeLessThanOrEqual(4);
  });

  test.each([
    { checks: 12, intervalMs: 60_000, slots: 11, most: 2 },
    { checks: 200, intervalMs: 20_000, slots: 4, most: 52 },
    { checks: 200, intervalMs: 60_000, slots: 12, most: 19 },
    { checks: 400, intervalMs: 20_000, slots: 8, most: 52 },
    { checks: 1000, intervalMs: 20_000, slots: 20, most: 52 },
    { checks: 1000, intervalMs: 60_000, slots: 24, most: 52 },
    { checks: 40, intervalMs: 1000, slots: 1, most: 40 },
  ])('the first $checks checks every $intervalMs ms are gathered in $slots slots', (given) => {
    const slots = filled(given.checks, given.intervalMs, layOf(0));
    expect(slots.filter((count) => count > 0)).toHaveLength(given.slots);
    expect(Math.max(...slots)).toBeLessThanOrEqual(given.most);
  });

  test('from a dozen checks a minute on, none of five seconds goes by without one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 20, max: 1000 }), (checks) => {
        const slots = filled(checks, 60_000, layOf(0));
        const taken = slots.flatMap((count, slot) => (count > 0 ? [slot] : []));
        for (const [index, slot] of taken.entries()) {
          expect((taken[index + 1] ?? 60) - slot).toBeLessThanOrEqual(5);
        }
      }),
    );
  });

  test('an offset is a whole number of slots, inside the interval', () => {
    fc.assert(
      fc.property(position, interval, fc.boolean(), (nth, intervalMs, first) => {
        const offset = offsetMs(nth, intervalMs, layOf(first ? 0 : 1));
        expect(offset % slotMs(intervalMs)).toBe(0);
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThan(intervalMs);
      }),
    );
  });

  test('slots never drift: after any delay a check is due at the same place of its interval', () => {
    fc.assert(
      fc.property(
        place,
        interval,
        time,
        fc.array(fc.nat(10_000_000)),
        (where, every, at, delays) => {
          let due = nextSlotAt(where, every, at);
          for (const delay of delays) {
            const next = nextSlotAt(where, every, due + delay);
            expect((next - due) % every).toBe(0);
            due = next;
          }
          expect(due % every).toBe(offsetMs(where.position, every, layOf(where.shard)));
        },
      ),
    );
  });

  test('the next slot is the first one after now: what was missed is skipped, not piled up', () => {
    fc.assert(
      fc.property(place, interval, time, (where, every, at) => {
        const due = nextSlotAt(where, every, at);
        expect(due).toBeGreaterThan(at);
        expect(due - every).toBeLessThanOrEqual(at);
      }),
    );
  });

  test('a check that is due right now is next due one interval later', () => {
    const due = nextSlotAt({ shard: 0, position: 17 }, 60_000, 1_795_219_200_000);
    expect(nextSlotAt({ shard: 0, position: 17 }, 60_000, due)).toBe(due + 60_000);
  });
});
