import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankOf, statusOf } from '#core/level.ts';
import { type LocationView, type MergeInput, merge, type Verdict } from '#core/merge.ts';
import { explainVerdict } from '#core/message.ts';
import { ANY } from '#core/policy.ts';
import { hasVote, newView } from '#core/view.ts';
import * as some from './arbitrary.ts';

const input = fc.record({
  policy: some.policy,
  locations: some.locations,
  intervalMs: fc.constant(60_000),
  now: some.now,
});

const votes = ({ view, silent, quarantined }: LocationView, now: number) =>
  view !== null && !silent && !quarantined && hasVote(view, now);

describe('whatever the locations say', () => {
  test('a verdict does not depend on the order of the locations, nor on repeats', () => {
    fc.assert(
      fc.property(input, fc.array(fc.nat()), (given, shuffle) => {
        const shuffled = given.locations
          .map((each, index) => ({ each, key: shuffle[index] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ each }) => each);
        const twice = { ...given, locations: [...shuffled, ...given.locations] };
        expect(merge(twice)).toEqual(merge(given));
      }),
    );
  });

  test('a verdict has a level of its status, or none while unknown', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { status, level, rttUs, sinceAt } = merge(given);
        expect(statusOf(level)).toBe(status);
        if (status === 'unknown') expect([rttUs, sinceAt]).toEqual([null, null]);
        if (status === 'down') expect(rttUs).toBeNull();
      }),
    );
  });

  test('the RTT is the lowest of a location of that status, not older than two intervals', () => {
    fc.assert(
      fc.property(input, (given) => {
        const { status, rttUs } = merge(given);
        if (rttUs === null) return;
        const candidates = given.locations.flatMap((each) => {
          const { view } = each;
          if (view === null || !votes(each, given.now) || statusOf(view.level) !== status)
            return [];
          return given.now - view.rttAt <= 120_000 && view.rttUs !== null ? [view.rttUs] : [];
        });
        expect(rttUs).toBe(Math.min(...candidates));
      }),
    );
  });

  test('a view without confirmation has no vote: it can withhold a verdict, never make one', () => {
    fc.assert(
      fc.property(input, (given) => {
        const voters = given.locations.filter((each) => votes(each, given.now));
        const verdict = merge({ ...given, policy: ANY });
        const ofVoters = merge({ ...given, policy: ANY, locations: voters });
        expect([ofVoters.status, 'unknown']).toContain(verdict.status);
        for (const { missing, status } of verdict.locations) {
          expect(status === 'unknown').toBe(missing !== null);
        }
      }),
    );
  });

  test('any: it is up exactly when a location that may vote says up', () => {
    fc.assert(
      fc.property(input, (given) => {
        const up = given.locations.some(
          (each) => votes(each, given.now) && statusOf(each.view?.level ?? null) === 'up',
        );
        expect(merge({ ...given, policy: ANY }).status === 'up').toBe(up);
      }),
    );
  });

  test('every verdict can be said in one sentence that begins with its status', () => {
    fc.assert(
      fc.property(input, fc.boolean(), (given, disputed) => {
        const verdict = merge(given);
        const sentence = explainVerdict(verdict, (id) => `L${id}`, disputed);
        expect(sentence.startsWith(verdict.status)).toBe(true);
        expect(sentence).not.toMatch(/undefined|null| {2}|[,;:] ?$/);
      }),
    );
  });
});

describe('losing a voter', () => {
  /** The same, but one location has fallen silent. */
  const without = (given: MergeInput, lost: number): MergeInput => ({
    ...given,
    locations: given.locations.map((each, index) =>
      index === lost ? { ...each, silent: true } : each,
    ),
  });

  test('counting policies: a location going missing never turns a verdict into down', () => {
    fc.assert(
      fc.property(input, fc.nat(5), (given, lost) => {
        fc.pre(given.policy.type !== 'any' && lost < given.locations.length);
        const after = merge(without(given, lost));
        if (after.status === 'down') expect(merge(given).status).toBe('down');
      }),
    );
  });

  test('any: it becomes down only if somebody left saw it good, and then bad after the last good word of the missing', () => {
    fc.assert(
      fc.property(input, fc.nat(5), (given, lost) => {
        fc.pre(lost < given.locations.length);
        const any = { ...given, policy: ANY };
        const after = merge(without(any, lost));
        if (merge(any).status === 'down' || after.status !== 'down') return;
        const lastGoodAt = given.locations[lost]?.view?.lastGoodAt ?? 0;
        const witnessed = given.locations.some(
          (each, index) =>
            index !== lost &&
            votes(each, given.now) &&
            each.view?.seenGood === true &&
            (each.view.badSinceAt ?? 0) > lastGoodAt,
        );
        expect(witnessed).toBe(true);
      }),
    );
  });

  test('a location going missing never makes a verdict better, and never keeps it up by itself', () => {
    fc.assert(
      fc.property(input, fc.nat(5), (given, lost) => {
        fc.pre(lost < given.locations.length);
        const before = merge(given);
        const after = merge(without(given, lost));
        if (before.status === 'unknown' || after.status === 'unknown') return;
        expect(rankOf(after.status)).toBeGreaterThanOrEqual(rankOf(before.status));
        const speaking = after.locations.filter(({ missing }) => missing === null);
        expect(speaking.some(({ status }) => status === after.status)).toBe(true);
      }),
    );
  });
});

describe('when it began', () => {
  const at = (minute: number) => some.T0 + minute * 60_000;
  const seen = (locationId: number, level: number, since: number): LocationView => ({
    locationId,
    view: {
      ...newView(1),
      level,
      sinceAt: at(since),
      at: at(10),
      freshForMs: 170_000,
      lastGoodAt: level < 300 ? at(10) : null,
      seenGood: true,
      badSinceAt: level < 300 ? null : at(since),
    },
  });
  const judged = (policy: MergeInput['policy'], ...locations: LocationView[]): Verdict =>
    merge({ policy, locations, intervalMs: 60_000, now: at(10) });

  test.each([
    ['any, up: with the first that says so', ANY, [seen(1, 100, 3), seen(2, 100, 5)], 3],
    ['any, down: with the last that says so', ANY, [seen(1, 500, 3), seen(2, 500, 5)], 5],
    ['any, degraded: when the last stopped being up', ANY, [seen(1, 250, 3), seen(2, 500, 5)], 5],
    [
      'majority, down: with the second of three',
      { type: 'majority' } as const,
      [seen(1, 500, 3), seen(2, 500, 5), seen(3, 100, 1)],
      5,
    ],
    [
      'all, down: with the first that fails',
      { type: 'all' } as const,
      [seen(1, 500, 3), seen(2, 500, 5), seen(3, 100, 1)],
      3,
    ],
    [
      'all, up: with the last that agrees',
      { type: 'all' } as const,
      [seen(1, 100, 3), seen(2, 100, 5)],
      5,
    ],
    [
      'at least two, up: with the second',
      { type: 'atLeast', n: 2 } as const,
      [seen(1, 100, 3), seen(2, 100, 7), seen(3, 500, 1)],
      7,
    ],
  ])('%s', (_, policy, locations, since) => {
    expect(judged(policy, ...locations).sinceAt).toBe(at(since));
  });

  test('asking for more locations than there are means all of them', () => {
    const few = judged({ type: 'atLeast', n: 5 }, seen(1, 100, 3), seen(2, 500, 5));
    expect(few.status).toBe('down');
  });

  test('a location that the policy requires but nobody assigned does not count', () => {
    expect(judged({ type: 'required', locations: [7] }, seen(1, 100, 3)).rule).toBe('no_location');
  });

  test('what was said last is named by its reason', () => {
    const down = seen(1, 500, 3);
    const told = {
      ...down,
      view: down.view && { ...down.view, code: 'timeout', text: 'after 5 s' },
    };
    expect(judged(ANY, told)).toMatchObject({ code: 'timeout', text: 'after 5 s' });
  });
});
