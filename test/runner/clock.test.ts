import { describe, expect, it } from 'vitest';
import { Clock } from '#runner/clock.ts';
import { VirtualWorld } from '#test/support/virtualRunner.ts';

function scene() {
  const world = new VirtualWorld();
  const clock = new Clock(world.platform());
  /** An answer after `roundTripMs`, the worker being `aheadMs` ahead of this machine's wall clock. */
  const answer = (aheadMs: number, roundTripMs = 10) => {
    const sentMs = world.nowMs;
    world.nowMs += roundTripMs;
    const workerNow = world.wall() - roundTripMs / 2 + aheadMs;
    clock.observe({ workerNow, sentMs, receivedMs: world.nowMs });
  };
  return { world, clock, answer, aheadMs: () => clock.now() - world.wall() };
}

describe("the runner's clock", () => {
  it('starts with the wall clock', () => {
    const { aheadMs } = scene();
    expect(aheadMs()).toBe(0);
  });

  it("moves to the worker's time by at most 10 ms a second", () => {
    const { world, answer, aheadMs } = scene();
    answer(1000);
    world.nowMs += 10_000;
    expect(aheadMs()).toBeCloseTo(100, 0);
    world.nowMs += 200_000;
    expect(aheadMs()).toBeCloseTo(995, 0);
  });

  it('steps when it is off by more than five seconds', () => {
    const { answer, aheadMs, clock } = scene();
    const { era } = clock;
    answer(-90_000);
    expect(aheadMs()).toBe(-90_000);
    expect(clock.era).toBe(era + 1);
  });

  it('learns nothing from an answer that is nearer than half its round trip', () => {
    const { world, answer, aheadMs } = scene();
    answer(400, 1000);
    world.nowMs += 100_000;
    expect(aheadMs()).toBe(0);
  });

  it('never goes back while it is slewed', () => {
    const { world, answer, clock } = scene();
    answer(-4000);
    let last = clock.now();
    for (let i = 0; i < 100; i++) {
      world.nowMs += 7;
      const now = clock.now();
      expect(now).toBeGreaterThan(last);
      last = now;
    }
  });

  it('takes a suspend for what it is, and doubts itself until the worker has answered', () => {
    const { world, answer, clock, aheadMs } = scene();
    let jumps = 0;
    clock.onJump(() => jumps++);
    world.suspend(3_600_000);
    clock.look();
    expect(jumps).toBe(1);
    expect(aheadMs()).toBe(0);
    expect(clock.inDoubt).toBe(true);
    answer(0);
    expect(clock.inDoubt).toBe(false);
    expect(jumps).toBe(1);
  });

  it('goes back to the right time when somebody set the wall clock wrong', () => {
    const { world, answer, clock, aheadMs } = scene();
    answer(0);
    world.suspend(-600_000);
    clock.look();
    answer(600_000);
    expect(aheadMs()).toBe(600_000);
    expect(clock.inDoubt).toBe(false);
  });

  it('believes the wall clock a minute after a jump when no worker answers', () => {
    const { world, clock } = scene();
    world.suspend(5000);
    clock.look();
    world.nowMs += 60_001;
    expect(clock.inDoubt).toBe(false);
  });

  it('takes no notice of a wall clock that is nudged', () => {
    const { world, clock } = scene();
    const { era } = clock;
    for (let i = 0; i < 10; i++) {
      world.suspend(1500);
      clock.look();
    }
    expect(clock.era).toBe(era);
  });
});
