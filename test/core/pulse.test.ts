import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FleetState, stepFleet } from '#core/fleet.ts';
import { beat, DEAF_AFTER_MS, hearing, NO_PULSE, type Pulse } from '#core/pulse.ts';
import { T0 } from './arbitrary.ts';

const MINUTE = 60_000;
const FLUSH_MS = 15_000;

/** The pulse after ticks at these minutes. */
function pulseAfter(...minutes: number[]): Pulse {
  let pulse = NO_PULSE;
  for (const minute of minutes) ({ pulse } = beat(pulse, T0 + minute * MINUTE, FLUSH_MS));
  return pulse;
}

describe('the worker hears', () => {
  test('as long as ticks come, by the clock', () => {
    expect(hearing(pulseAfter(0, 1, 2), T0 + 3 * MINUTE)).toEqual({
      judgedAt: T0 + 3 * MINUTE,
      deaf: false,
    });
  });

  test('before its first tick too: it has missed nothing yet', () => {
    expect(hearing(NO_PULSE, T0)).toEqual({ judgedAt: T0, deaf: false });
  });

  test('nothing once no tick came for 150 s: its clock stands at the last one', () => {
    const pulse = pulseAfter(0, 1);
    expect(hearing(pulse, T0 + MINUTE + DEAF_AFTER_MS).deaf).toBe(false);
    expect(hearing(pulse, T0 + MINUTE + DEAF_AFTER_MS + 1)).toEqual({
      judgedAt: T0 + MINUTE,
      deaf: true,
    });
  });

  test('nothing during the grace after it either, and all again when that is over', () => {
    const pulse = pulseAfter(0, 1, 11);
    expect(hearing(pulse, T0 + 12 * MINUTE)).toEqual({ judgedAt: T0 + MINUTE, deaf: true });
    expect(hearing(pulse, T0 + 13 * MINUTE)).toEqual({ judgedAt: T0 + 13 * MINUTE, deaf: false });
  });

  test('the grace is longer when runners post rarely', () => {
    const { pulse } = beat(pulseAfter(0), T0 + 10 * MINUTE, 60_000);
    expect(pulse.graceUntilAt).toBe(T0 + 14 * MINUTE);
  });

  test('when deaf again within the grace, its clock still stands where it stood', () => {
    const once = pulseAfter(0, 1, 11, 12);
    expect(hearing(once, T0 + 20 * MINUTE)).toEqual({ judgedAt: T0 + MINUTE, deaf: true });
    const twice = pulseAfter(0, 1, 11, 12, 20);
    expect(hearing(twice, T0 + 21 * MINUTE)).toEqual({ judgedAt: T0 + MINUTE, deaf: true });
  });

  test('and a clock set back neither makes it deaf nor moves its last tick', () => {
    const pulse = pulseAfter(5, 3);
    expect(pulse.tickAt).toBe(T0 + 5 * MINUTE);
    expect(hearing(pulse, T0 + 3 * MINUTE).deaf).toBe(false);
  });
});

test('deafness is reported once, with its beginning and end', () => {
  const first = beat(pulseAfter(0, 1), T0 + 11 * MINUTE, FLUSH_MS);
  expect(first.deaf).toEqual({ fromAt: T0 + MINUTE, toAt: T0 + 11 * MINUTE });
  expect(beat(first.pulse, T0 + 12 * MINUTE, FLUSH_MS).deaf).toBeNull();
});

test('a deaf worker declares nobody silent, whoever posted when', () => {
  const step = fc.record({ gapMs: fc.nat(400_000), posts: fc.array(fc.nat(3), { maxLength: 4 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let now = T0;
      let pulse = NO_PULSE;
      let fleet: FleetState = {};
      let deafEndedAt = Number.NEGATIVE_INFINITY;
      const postedAt = [T0, T0, T0, T0];
      for (const { gapMs, posts } of steps) {
        now += gapMs;
        const beaten = beat(pulse, now, FLUSH_MS);
        if (beaten.deaf) deafEndedAt = now;
        pulse = beaten.pulse;
        for (const runner of posts) postedAt[runner] = now;
        const stepped = stepFleet(
          fleet,
          postedAt.map((at, runnerId) => ({ runnerId, postedAt: at })),
          hearing(pulse, now),
          FLUSH_MS,
        );
        fleet = stepped.fleet;
        for (const event of stepped.events) {
          if (event.type !== 'runner.silent') continue;
          expect(now - deafEndedAt).toBeGreaterThanOrEqual(120_000);
          for (const id of event.runnerIds) {
            expect(now - (postedAt[id] ?? 0)).toBeGreaterThan(90_000);
          }
        }
      }
    }),
  );
});
