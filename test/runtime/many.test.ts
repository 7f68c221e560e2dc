import { expect, test } from 'vitest';
import { liveWithMany } from '#test/support/manyWorkers.ts';

// `npm run bench -- many` lives through the same for longer, with a replica and without one.
test('three workers behind a balancer and a replica, killed and started again, double and lose nothing', async () => {
  const lived = await liveWithMany({
    workers: 3,
    replica: true,
    seed: 2,
    forMs: 6000,
    killEveryMs: 1500,
  });
  expect(lived.rounds).toBeGreaterThan(5);
  expect(lived.kills).toBeGreaterThan(0);
  expect(lived.flips).toEqual(lived.truth);
  expect(lived.owed).toEqual(lived.truth);
  expect(lived.told).toEqual(lived.truth);
  expect(lived.messages.doubled).toBe(0);
  expect(lived.results).toMatchObject({ lost: 0, foreign: 0, doubled: 0 });
  expect(lived.results.kept).toBe(lived.results.posted);
  expect(lived.fleetEvents).toEqual(['fleet.silent: no post from Attic']);
  expect(lived.folded.here.length).toBeGreaterThan(0);
  expect(lived.folded.here.join() === lived.folded.alone.join()).toBe(true);
  expect([lived.unjudged, lived.openLeases]).toEqual([0, 0]);
  expect(lived.pages).toMatchObject({ failed: 0 });
  expect(lived.pages.fromReplica).toBeGreaterThan(0);
}, 90_000);
