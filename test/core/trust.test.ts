import { describe, expect, it, test } from 'vitest';
import type { FleetState } from '#core/fleet.ts';
import { type CheckVote, compareVotes, isQuarantined, stepTrust } from '#core/trust.ts';
import { T0 } from './arbitrary.ts';

const vote = (runnerId: number, says: 'up' | 'down', over: Partial<CheckVote> = {}): CheckVote => ({
  runnerId,
  locationId: runnerId,
  level: says === 'up' ? 100 : 500,
  at: T0,
  badSinceAt: says === 'up' ? null : T0 - 60_000,
  quarantined: false,
  ...over,
});

describe('a runner compared with the others', () => {
  it('is contradicted by who looked after its failures began, not by who looked before', () => {
    const late = [vote(1, 'down'), vote(2, 'up')];
    const early = [vote(1, 'down'), vote(2, 'up', { at: T0 - 90_000 })];
    expect(compareVotes([late, early]).get(1)).toEqual({
      votes: 2,
      down: 2,
      shared: 1,
      contradicted: 1,
    });
  });

  it('is not compared with a peer of its own location, nor with one that is not believed itself', () => {
    const peer = [vote(1, 'down'), vote(2, 'up', { locationId: 1 })];
    const liar = [vote(1, 'down'), vote(3, 'up', { quarantined: true })];
    expect(compareVotes([peer, liar]).get(1)).toMatchObject({ shared: 0, contradicted: 0 });
  });

  it('agrees with others who say down too', () => {
    const down = [vote(1, 'down'), vote(2, 'down')];
    expect(compareVotes([down]).get(1)).toMatchObject({ shared: 1, contradicted: 0 });
  });
});

test.each([
  ['a few shared checks prove nothing', false, { shared: 4, contradicted: 4 }, false],
  ['most of what it says is contradicted', false, { shared: 10, contradicted: 8 }, true],
  ['not quite most', false, { shared: 10, contradicted: 7 }, false],
  ['once quarantined it must agree on half', true, { shared: 10, contradicted: 5 }, true],
  ['and then it is trusted again', true, { shared: 10, contradicted: 4 }, false],
  ['without others it stays while all it says is down', true, { votes: 9, down: 9 }, true],
  ['and is trusted when it sees things up', true, { votes: 9, down: 2 }, false],
  ['and stays while it says nothing', true, {}, true],
])('quarantine: %s', (_, was, comparison, quarantined) => {
  const whole = { votes: 10, down: 10, shared: 0, contradicted: 0, ...comparison };
  const given = 'votes' in comparison || 'shared' in comparison ? whole : { ...whole, votes: 0 };
  expect(isQuarantined(was, given)).toBe(quarantined);
});

describe('a tick', () => {
  const fleet: FleetState = { 1: { silentSinceAt: null, quarantinedSinceAt: null } };
  const bad = { votes: 9, down: 9, shared: 9, contradicted: 9 };
  const at = (second: number, deaf = false) => ({ judgedAt: T0 + second * 1000, deaf });
  const sight = (over: object) => [{ runnerId: 1, comparison: null, blindSinceAt: null, ...over }];

  it('quarantines when the doubt lasts, and trusts again at once', () => {
    const first = stepTrust(fleet, sight({ comparison: bad }), at(0));
    expect(first.events).toEqual([]);
    const second = stepTrust(first.fleet, sight({ comparison: bad }), at(60));
    expect(second.events).toEqual([{ type: 'runner.quarantined', runnerId: 1, sinceAt: T0 }]);
    expect(stepTrust(second.fleet, sight({ comparison: bad }), at(120)).events).toEqual([]);
    const well = { ...bad, down: 0, contradicted: 0 };
    const third = stepTrust(second.fleet, sight({ comparison: well }), at(180));
    expect(third.events).toEqual([{ type: 'runner.trusted', runnerId: 1, sinceAt: T0 }]);
  });

  it('forgets a doubt that did not last', () => {
    const first = stepTrust(fleet, sight({ comparison: bad }), at(0));
    const second = stepTrust(first.fleet, sight({}), at(60));
    expect(stepTrust(second.fleet, sight({ comparison: bad }), at(120)).events).toEqual([]);
  });

  it('tells of a blind runner once, after a minute, and when it sees again', () => {
    const first = stepTrust(fleet, sight({ blindSinceAt: T0 }), at(30));
    expect(first.events).toEqual([]);
    const second = stepTrust(first.fleet, sight({ blindSinceAt: T0 }), at(60));
    expect(second.events).toEqual([{ type: 'runner.blind', runnerId: 1, sinceAt: T0 }]);
    expect(stepTrust(second.fleet, sight({ blindSinceAt: T0 }), at(90)).events).toEqual([]);
    const third = stepTrust(second.fleet, sight({}), at(120));
    expect(third.events).toEqual([{ type: 'runner.sees', runnerId: 1, sinceAt: T0 }]);
  });

  it('says nothing new of a silent runner, and a deaf worker nothing of anybody', () => {
    const silent: FleetState = { 1: { silentSinceAt: T0, quarantinedSinceAt: T0 } };
    expect(stepTrust(silent, sight({ blindSinceAt: T0 }), at(600)).events).toEqual([]);
    expect(stepTrust(fleet, sight({ blindSinceAt: T0 }), at(600, true)).events).toEqual([]);
  });
});
