import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { merge, type Verdict } from '#core/merge.ts';
import { ANY } from '#core/policy.ts';
import { type CheckState, newState, pause, type StateEvent, step } from '#core/state.ts';
import { fold, foldAll, newView } from '#core/view.ts';
import * as some from './arbitrary.ts';

interface Moment {
  now: number;
  verdict: Verdict;
}

/** Verdicts as merges of anything at rising times. */
const moments: fc.Arbitrary<Moment[]> = fc
  .array(fc.record({ locations: some.locations, policy: some.policy, gapMs: fc.nat(200_000) }), {
    maxLength: 20,
  })
  .map((steps) => {
    let now = some.T0;
    return steps.map(({ locations, policy, gapMs }) => {
      now += gapMs;
      return { now, verdict: merge({ policy, locations, intervalMs: 60_000, now }) };
    });
  });

function play(sequence: readonly Moment[]): { state: CheckState; events: StateEvent[] } {
  let state = newState(some.T0);
  const events: StateEvent[] = [];
  for (const { verdict, now } of sequence) {
    const stepped = step(state, verdict, now);
    state = stepped.state;
    events.push(...stepped.events);
  }
  return { state, events };
}

const ofType = <T extends StateEvent['type']>(events: readonly StateEvent[], type: T) =>
  events.filter((event): event is Extract<StateEvent, { type: T }> => event.type === type);

describe('whatever the verdicts are', () => {
  test('a step repeated changes nothing: the same state object, no events', () => {
    fc.assert(
      fc.property(moments, (sequence) => {
        const last = sequence.at(-1);
        fc.pre(last !== undefined);
        const { state } = play(sequence);
        const again = step(state, last.verdict, last.now);
        expect(again.events).toEqual([]);
        expect(again.state).toBe(state);
      }),
    );
  });

  test('the "from" of a flip is the "to" of the one before, and they never go back in time', () => {
    fc.assert(
      fc.property(moments, (sequence) => {
        let status = 'unknown';
        let sinceAt = 0;
        for (const { flip } of ofType(play(sequence).events, 'flip')) {
          expect(flip.from).toBe(status);
          expect(flip.to).not.toBe(status);
          expect(flip.sinceAt).toBeGreaterThanOrEqual(sinceAt);
          expect(flip.sinceAt).toBeLessThanOrEqual(flip.at);
          ({ to: status, sinceAt } = flip);
        }
      }),
    );
  });

  test('unknown never alerts, and what was told is never repeated', () => {
    fc.assert(
      fc.property(moments, (sequence) => {
        let told: string | null = null;
        for (const event of ofType(play(sequence).events, 'tell')) {
          expect(['up', 'degraded', 'down']).toContain(event.to);
          expect(event.from).toBe(told ?? event.from);
          expect(event.to).not.toBe(told);
          told = event.to;
        }
      }),
    );
  });

  test('an unknown verdict makes at most a flip: no message, no incident', () => {
    fc.assert(
      fc.property(moments, fc.nat(100_000), (sequence, gapMs) => {
        const { state } = play(sequence);
        const now = (sequence.at(-1)?.now ?? some.T0) + gapMs;
        const nobody = merge({ policy: ANY, locations: [], intervalMs: 60_000, now });
        const after = step(state, nobody, now);
        expect(after.events.map(({ type }) => type)).toEqual(
          state.status === 'unknown' ? [] : ['flip'],
        );
        expect(after.state.lastTold).toBe(state.lastTold);
        expect(after.state.incident).toBe(state.incident);
      }),
    );
  });

  test('incidents open and close in turn, and one is open exactly while the last known status is not up', () => {
    fc.assert(
      fc.property(moments, (sequence) => {
        const { state, events } = play(sequence);
        let open: number | null = null;
        for (const event of events) {
          if (event.type === 'incident.opened') {
            expect(open).toBeNull();
            open = event.openedAt;
          }
          if (event.type === 'incident.closed') {
            expect(event.openedAt).toBe(open);
            expect(event.closedAt).toBeGreaterThanOrEqual(event.openedAt);
            open = null;
          }
        }
        expect(state.incident?.openedAt ?? null).toBe(open);
        if (state.status !== 'unknown') expect(open !== null).toBe(state.status !== 'up');
      }),
    );
  });

  test('a pause closes what is open and says nothing', () => {
    fc.assert(
      fc.property(moments, (sequence) => {
        const { state } = play(sequence);
        const paused = pause(state, some.T0 + 10_000_000);
        expect(paused.state).toMatchObject({ status: 'unknown', incident: null, disputed: false });
        expect(ofType(paused.events, 'tell')).toEqual([]);
        expect(pause(paused.state, some.T0 + 10_000_001).events).toEqual([]);
      }),
    );
  });
});

describe('no state is a trap', () => {
  test.each([
    ['enough good readings from everywhere make it up', 100, 'up'],
    ['enough bad readings from everywhere make it down', 500, 'down'],
    ['enough slow readings from everywhere make it degraded', 250, 'degraded'],
  ])('%s, whatever was before', (_, level, status) => {
    const assigned = some.locations.filter((all) => all.length > 0);
    fc.assert(
      fc.property(assigned, some.policy, moments, some.rules, (views, policy, past, rules) => {
        fc.pre(
          policy.type !== 'required' ||
            policy.locations.some((id) => views.some(({ locationId }) => locationId === id)),
        );
        let at = some.T0 + 100_000_000;
        let { state } = play(past);
        let held = views.map(({ locationId, view }) => ({ locationId, view: view ?? newView(1) }));
        for (let round = 0; round < 8; round++) {
          at += 1000;
          const reading = { at, level, rttUs: null, code: 'ok', text: '' };
          held = held.map(({ locationId, view }) => ({
            locationId,
            view: fold(view, reading, rules, some.FRESHNESS),
          }));
          const verdict = merge({ policy, locations: held, intervalMs: 60_000, now: at });
          ({ state } = step(state, verdict, at));
        }
        expect(state.status).toBe(status);
      }),
    );
  });
});

describe('the start of a status', () => {
  const judge = (state: CheckState, level: number | null, sinceAt: number | null, now: number) => {
    const location = {
      locationId: 1,
      view: { ...newView(1), level, sinceAt, at: now, freshForMs: 170_000 },
    };
    const locations = level === null ? [] : [location];
    return step(state, merge({ policy: ANY, locations, intervalMs: 60_000, now }), now).state;
  };

  test('is that of the readings which brought it', () => {
    expect(judge(newState(1000), 500, 4000, 5000).sinceAt).toBe(4000);
  });

  test('is now when a vote came or went: the readings are older than what they end', () => {
    const unknown = judge(judge(newState(1000), 100, 1000, 1000), null, null, 3000);
    expect(unknown).toMatchObject({ status: 'unknown', sinceAt: 3000 });
    expect(judge(unknown, 100, 1000, 5000)).toMatchObject({ status: 'up', sinceAt: 5000 });
  });

  test('is never later than now, whatever the clock of a runner says', () => {
    expect(judge(newState(1000), 100, 60_000, 5000).sinceAt).toBe(5000);
  });
});

test('a late reading, an old revision and an empty batch leave a view as it is', () => {
  const rules = { failures: 2, successes: 1 };
  const up = { at: 5000, level: 100, rttUs: 7, code: 'ok', text: '' };
  const view = foldAll(null, 3, [up], rules, some.FRESHNESS);
  expect(foldAll(view, 3, [], rules, some.FRESHNESS)).toBe(view);
  expect(fold(view, { ...up, at: 4000, level: 500 }, rules, some.FRESHNESS)).toBe(view);
  expect(fold(view, { ...up, at: 5000, level: 500 }, rules, some.FRESHNESS)).toBe(view);
  expect(foldAll(view, 4, [], rules, some.FRESHNESS)).toEqual(newView(4));
});
