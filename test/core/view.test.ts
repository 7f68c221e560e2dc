import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankOf, statusOf } from '#core/level.ts';
import type { Reading } from '#core/reading.ts';
import {
  contradicts,
  fold,
  foldAll,
  hasVote,
  newView,
  type View,
  voteChanged,
} from '#core/view.ts';
import * as some from './arbitrary.ts';

const RULES = { failures: 2, successes: 1 };
const at = (second: number) => some.T0 + second * 1000;

const reading = (second: number, level: number | null, more: Partial<Reading> = {}): Reading => ({
  at: at(second),
  level,
  rttUs: level !== null && level < 300 ? 20_000 : null,
  code: level === null ? 'unable.icmp' : level < 200 ? 'ok' : level < 300 ? 'slow' : 'timeout',
  text: '',
  ...more,
});

const viewOf = (levels: readonly (number | null)[], rules = RULES): View =>
  foldAll(
    null,
    1,
    levels.map((level, index) => reading(index * 60, level)),
    rules,
    some.FRESHNESS,
  );

describe('hysteresis', () => {
  test('enough bad readings in a row make a view down and enough good ones make it up, from anything', () => {
    fc.assert(
      fc.property(some.view, some.rules, fc.constantFrom(100, 250, 500), (view, rules, level) => {
        let folded = view;
        for (let i = 1; i <= 8; i++) {
          folded = fold(folded, reading(100_000 + i, level), rules, some.FRESHNESS);
        }
        expect(statusOf(folded.level)).toBe(statusOf(level));
        expect(hasVote(folded, at(100_008))).toBe(true);
      }),
    );
  });

  test('a confirmed view never changes by fewer readings than the rules ask for', () => {
    fc.assert(
      fc.property(some.readings, some.rules, (sequence, rules) => {
        let view = newView(1);
        for (const each of sequence) {
          const before = view;
          view = fold(before, each, rules, some.FRESHNESS);
          const gap = each.at > before.at + before.freshForMs;
          // What turned while nobody saw starts unconfirmed.
          if (gap || before.blind || before.level === null || view.level === null) continue;
          const [was, is] = [statusOf(before.level), statusOf(view.level)];
          if (was === is) continue;
          const direction = rankOf(is) > rankOf(was) ? 'worse' : 'better';
          const pending = before.run?.direction === direction ? before.run.count : 0;
          expect(pending + 1).toBe(direction === 'worse' ? rules.failures : rules.successes);
        }
      }),
    );
  });

  test('a view that has no confirmed level has no vote', () => {
    fc.assert(
      fc.property(some.view, some.now, (view, now) => {
        if (view.level === null || view.blind || view.at === 0)
          expect(hasVote(view, now)).toBe(false);
      }),
    );
  });

  test('the level of failures of one status is that of the newest among the mildest', () => {
    expect(viewOf([100, 700, 400])).toMatchObject({ level: 400 });
    expect(viewOf([100, 400, 250])).toMatchObject({ level: 250 });
    expect(viewOf([100, 210, 500])).toMatchObject({ level: 210 });
  });

  test('the reason belongs to the reading that gave the level, not to the last one', () => {
    expect(viewOf([100, 250, 500])).toMatchObject({ level: 250, code: 'slow' });
  });

  test('a recovery of several readings takes the worst status among them', () => {
    expect(viewOf([500, 500, 250, 100], { failures: 2, successes: 2 })).toMatchObject({
      level: 250,
    });
  });
});

describe('what a reading leaves behind', () => {
  test('the start of a bad run is its first reading; a good one ends it', () => {
    expect(viewOf([100, 500]).badSinceAt).toBe(at(60));
    expect(viewOf([100, 500, 500, 500]).badSinceAt).toBe(at(60));
    expect(viewOf([100, 500, 100]).badSinceAt).toBeNull();
  });

  test('a gap makes it unconfirmed but ends no bad run', () => {
    const before = viewOf([100, 500, 500]);
    const after = fold(before, reading(10_000, 500), RULES, some.FRESHNESS);
    expect(after).toMatchObject({ level: null, sinceAt: null, badSinceAt: at(60) });
  });

  test('the last good word is forgotten once it is confirmed bad, having seen it good is not', () => {
    expect(viewOf([100, 500])).toMatchObject({ lastGoodAt: at(0), seenGood: true });
    expect(viewOf([100, 500, 500])).toMatchObject({ lastGoodAt: null, seenGood: true });
    expect(viewOf([500, 500])).toMatchObject({ lastGoodAt: null, seenGood: false });
  });

  test('a blind reading rests the vote and keeps all else', () => {
    const before = viewOf([100]);
    const after = fold(before, reading(60, 500, { blind: true }), RULES, some.FRESHNESS);
    expect(after).toEqual({ ...before, blind: true });
    expect(fold(after, reading(120, 100), RULES, some.FRESHNESS).blind).toBe(false);
  });

  test('a reading that was unable changes nothing but why the runner could not measure', () => {
    const before = viewOf([100]);
    const why = { code: 'unable.icmp', text: 'no right to' };
    const unable = fold(before, reading(60, null, why), RULES, some.FRESHNESS);
    expect(unable).toEqual({ ...before, unable: why });
    expect(fold(unable, reading(120, null, why), RULES, some.FRESHNESS)).toBe(unable);
    expect(fold(unable, reading(120, 100), RULES, some.FRESHNESS).unable).toBeNull();
  });

  test('it speaks for two intervals, the timeout and three flushes, as they were then', () => {
    const view = viewOf([100]);
    expect(hasVote(view, at(0) + 170_000)).toBe(true);
    expect(hasVote(view, at(0) + 170_001)).toBe(false);
  });

  test('the RTT is that of the newest good reading', () => {
    const slow = fold(viewOf([100]), reading(60, 250, { rttUs: 900 }), RULES, some.FRESHNESS);
    expect(slow).toMatchObject({ rttUs: 900, rttAt: at(60) });
    const failed = fold(slow, reading(120, 500, { rttUs: 5 }), RULES, some.FRESHNESS);
    expect(failed).toMatchObject({ rttUs: 900, rttAt: at(60) });
  });
});

describe('when a merge is due', () => {
  const now = at(200);

  test('a reading that agrees is no reason', () => {
    expect(voteChanged(viewOf([100, 100]), viewOf([100, 100, 100]), now)).toBe(false);
  });

  test('a failure that is not confirmed yet is no reason', () => {
    expect(voteChanged(viewOf([100, 100]), viewOf([100, 100, 500]), now)).toBe(false);
  });

  test('a first vote, a lost vote, another status and another level are', () => {
    expect(voteChanged(null, viewOf([100]), at(1))).toBe(true);
    expect(voteChanged(viewOf([100]), { ...viewOf([100]), blind: true }, at(1))).toBe(true);
    expect(voteChanged(viewOf([100, 500]), viewOf([100, 500, 500]), now)).toBe(true);
    expect(voteChanged(viewOf([100]), viewOf([100, 150]), at(61))).toBe(true);
  });

  test('a gap is, though the vote had run out by the clock: a deaf worker judges by one that stands still', () => {
    const rules = { failures: 1, successes: 2 };
    const before = viewOf([100, 100], rules);
    const long = 20 * 60;
    const after = fold(before, reading(long, 100), rules, some.FRESHNESS);
    expect(after.level).toBeNull();
    expect(voteChanged(before, after, at(long))).toBe(true);
  });

  test('a bad run that begins anew is, because it may outdate a missing witness', () => {
    const rules = { failures: 2, successes: 2 };
    const down = [100, 100, 500, 500];
    const before = viewOf(down, rules);
    const after = viewOf([...down, 100, 500], rules);
    expect(after.level).toBe(before.level);
    expect(voteChanged(before, after, at(310))).toBe(true);
  });
});

describe('when a runner looks again at once', () => {
  test('on a reading of another status, and while nothing is confirmed', () => {
    expect(contradicts(viewOf([100]), reading(60, 500))).toBe(true);
    expect(contradicts(newView(1), reading(60, 100))).toBe(true);
  });

  test('not on more of the same, not when unable, not while blind', () => {
    expect(contradicts(viewOf([100]), reading(60, 150))).toBe(false);
    expect(contradicts(viewOf([100]), reading(60, null))).toBe(false);
    expect(contradicts(viewOf([100]), reading(60, 500, { blind: true }))).toBe(false);
  });
});
