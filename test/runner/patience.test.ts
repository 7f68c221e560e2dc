import { describe, expect, it } from 'vitest';
import { Patience } from '#runner/patience.ts';
import { VirtualWorld } from '#test/support/virtualRunner.ts';

/** A runner that wakes up every so often; `called`: when, in ms since the start. */
function scene(everyMs: number) {
  const world = new VirtualWorld();
  const fromMs = world.nowMs;
  const { setTimer, monotonicMs } = world.platform();
  let wakesMs = Number.POSITIVE_INFINITY;
  let busy = false;
  const patience = new Patience({
    setTimer,
    monotonicMs,
    nextWakeMs: () => (busy ? 0 : wakesMs - world.nowMs),
  });
  const wake = () => {
    wakesMs = world.nowMs + everyMs;
    setTimer(everyMs, wake);
    patience.moment({ atRest: !busy });
  };
  if (Number.isFinite(everyMs)) wake();
  const called: number[] = [];
  const ask = (ms: number) => patience.setTimer(ms, () => called.push(world.nowMs - fromMs));
  const setBusy = (is: boolean) => {
    busy = is;
  };
  return { world, patience, ask, called, setBusy };
}

describe('what can wait', () => {
  it('is done on time by a runner that never wakes up otherwise', () => {
    const { world, ask, called } = scene(Number.POSITIVE_INFINITY);
    ask(15_000);
    world.advanceAtOnce(14_999);
    expect(called).toEqual([]);
    world.advanceAtOnce(60_000);
    expect(called).toEqual([15_000]);
  });

  it.each([
    { everyMs: 1000, ms: 15_300, at: 15_000, when: 'half a second early' },
    { everyMs: 1000, ms: 15_700, at: 16_000, when: 'with the next wake-up' },
    { everyMs: 4000, ms: 13_000, at: 16_000, when: 'three seconds late' },
    { everyMs: 20_000, ms: 13_000, at: 13_000, when: 'by itself, where the next is too far' },
    { everyMs: 20_000, ms: 16_000, at: 20_000, when: 'four seconds late' },
    { everyMs: 2000, ms: 3000, at: 4000, when: 'within a third of what was asked for' },
    { everyMs: 5000, ms: 3000, at: 3000, when: 'not after more than a third' },
  ])('of $ms ms, with a wake-up every $everyMs, is done $when', ({ everyMs, ms, at }) => {
    const { world, ask, called } = scene(everyMs);
    ask(ms);
    world.advanceAtOnce(60_000);
    expect(called).toEqual([at]);
  });

  it('is done together where several things wait', () => {
    const { world, ask, called } = scene(Number.POSITIVE_INFINITY);
    ask(12_000);
    ask(14_000);
    ask(14_400);
    world.advanceAtOnce(60_000);
    expect(called).toEqual([14_400, 14_400, 14_400]);
  });

  it('does not disturb what is being measured, but does not wait for ever either', () => {
    const { world, ask, called, setBusy } = scene(1000);
    ask(14_900);
    setBusy(true);
    world.advanceAtOnce(15_200);
    expect(called).toEqual([]);
    world.advanceAtOnce(60_000);
    // At the first wake-up half a second after its time.
    expect(called).toEqual([16_000]);
    ask(15_000);
    world.advanceAtOnce(60_000);
    expect(called[1]).toBeLessThanOrEqual(15_000 + 75_200 + 5000);
  });

  it('is called off like any timer', () => {
    const { world, ask, called } = scene(1000);
    ask(5000)();
    world.advanceAtOnce(60_000);
    expect(called).toEqual([]);
  });
});
