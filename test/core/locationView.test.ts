import { describe, expect, test } from 'vitest';
import { locationView, type RunnerView } from '#core/locationView.ts';
import { newView, type View } from '#core/view.ts';

const NOW = 1_000_000;

const runner = (view: Partial<View> | null, more: Partial<RunnerView> = {}): RunnerView => ({
  view: view && { ...newView(1), level: 100, at: NOW, freshForMs: 170_000, ...view },
  silent: false,
  ...more,
});

describe('a location with several runners', () => {
  test('says what its newest confirmed view says', () => {
    const older = runner({ at: NOW - 10, level: 500 });
    const newer = runner({ at: NOW - 5, level: 100 });
    expect(locationView(7, [older, newer], NOW).view?.level).toBe(100);
    expect(locationView(7, [newer, older], NOW).view?.level).toBe(100);
  });

  test('is looked at again while another of its runners, whose word counts, says otherwise', () => {
    const older = runner({ at: NOW - 10, level: 500 });
    const newer = runner({ at: NOW - 5, level: 100 });
    expect(locationView(7, [older, newer], NOW).contested).toBe(true);
    const stale = { ...older, silent: true };
    expect(locationView(7, [stale, newer], NOW).contested).toBeUndefined();
  });

  test('is not made unsure by a stand-in that has only begun to look', () => {
    const sure = runner({ at: NOW - 10 });
    const begun = runner({ at: NOW - 5, level: null });
    expect(locationView(7, [sure, begun], NOW).view?.level).toBe(100);
  });

  test('is silent when the only one that ever looked is, though another still posts', () => {
    const gone = runner({ at: NOW - 10 }, { silent: true });
    expect(locationView(7, [gone, runner(null)], NOW)).toMatchObject({ silent: true });
  });

  test('is new, not silent, when one that posts has not looked yet', () => {
    const never = [runner(null, { silent: true }), runner(null)];
    expect(locationView(7, never, NOW)).toEqual({ locationId: 7, view: null, silent: false });
  });

  test('prefers a trusted runner, then a quarantined one, then the last word of a silent one', () => {
    const silent = runner({ at: NOW - 1 }, { silent: true });
    const quarantined = runner({ at: NOW - 2, level: 500 }, { quarantined: true });
    const trusted = runner({ at: NOW - 3, level: null });
    expect(locationView(7, [silent, quarantined, trusted], NOW)).toMatchObject({
      silent: false,
      quarantined: false,
    });
    expect(locationView(7, [silent, quarantined], NOW)).toMatchObject({ quarantined: true });
  });

  test('remembers when any of its runners saw it good', () => {
    const gone = runner({ at: NOW - 9, lastGoodAt: NOW - 9, seenGood: true }, { silent: true });
    const begun = runner({ at: NOW - 5, level: null });
    expect(locationView(7, [gone, begun], NOW).view).toMatchObject({
      level: null,
      lastGoodAt: NOW - 9,
      seenGood: true,
    });
  });

  test('forgets it when its own newest word is a confirmed "down"', () => {
    const gone = runner({ at: NOW - 9, lastGoodAt: NOW - 9, seenGood: true }, { silent: true });
    const down = runner({ at: NOW - 5, level: 500, lastGoodAt: null });
    expect(locationView(7, [gone, down], NOW).view).toMatchObject({
      lastGoodAt: null,
      seenGood: true,
    });
  });

  test('without any runner has nothing to say', () => {
    expect(locationView(7, [], NOW)).toEqual({ locationId: 7, view: null, silent: true });
  });
});
