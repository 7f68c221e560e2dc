import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '#test/support/series.ts';
import {
  fixedAxis,
  linear,
  niceStep,
  rttLabels,
  valueAxis,
  valueLabels,
  worthShowing,
} from '#web/chart/scale.ts';
import { rangeText, timeTicks } from '#web/chart/ticks.ts';
import { zoneOf } from '#web/chart/zone.ts';

const NOW = Date.UTC(2026, 10, 21, 9, 3);
const labels = (spanMs: number, most = 12, at = NOW) =>
  timeTicks(at - spanMs, at, most).map(({ label }) => label);

describe('the time axis', () => {
  it('marks a day in even hours and names midnight by its date', () => {
    expect(labels(DAY)).toEqual([
      ...['10:00', '12:00', '14:00', '16:00', '18:00', '20:00', '22:00'],
      ...['21 Nov', '02:00', '04:00', '06:00', '08:00'],
    ]);
  });

  it('marks a week by days, a month by weeks, a quarter by two weeks, beginning on Mondays', () => {
    expect(labels(7 * DAY)).toHaveLength(7);
    expect(labels(7 * DAY)[0]).toBe('15 Nov');
    expect(labels(30 * DAY, 6)).toEqual(['26 Oct', '2 Nov', '9 Nov', '16 Nov']);
    for (const { at } of timeTicks(NOW - 90 * DAY, NOW, 8)) {
      expect(new Date(at).getUTCDay()).toBe(1);
      expect(at % DAY).toBe(0);
    }
  });

  it('marks a year by months, and January by its year', () => {
    const marks = labels(365 * DAY, 12);
    expect(marks).toContain('Mar');
    expect(marks).toContain('2026');
  });

  it('marks ten minutes by minutes', () => {
    expect(labels(10 * MINUTE, 6)).toEqual(['08:54', '08:56', '08:58', '09:00', '09:02']);
  });

  it.each([5 * MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 400 * DAY])(
    'has no more marks than there is room for, in order and within the range (%d ms)',
    (spanMs) => {
      for (const most of [1, 3, 5, 9, 14]) {
        const ticks = timeTicks(NOW - spanMs, NOW, most);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        expect(ticks.map(({ at }) => at)).toEqual(ticks.map(({ at }) => at).sort((a, b) => a - b));
        for (const { at } of ticks) expect(at >= NOW - spanMs && at <= NOW).toBe(true);
      }
    },
  );

  it('keeps to the wall clock of a zone through the change to summer time', () => {
    const from = Date.UTC(2026, 2, 28, 23);
    const ticks = timeTicks(from, from + DAY, 8, zoneOf('Europe/Berlin'));
    expect(ticks.map(({ label }) => label)).toEqual(
      expect.arrayContaining(['29 Mar', '06:00', '12:00', '18:00']),
    );
    const six = ticks.find(({ label }) => label === '06:00');
    expect(six?.at).toBe(Date.UTC(2026, 2, 29, 4));
  });

  it('repeats no mark in the hour that comes twice', () => {
    const from = Date.UTC(2026, 9, 24, 22);
    const ticks = timeTicks(from, from + 6 * HOUR, 12, zoneOf('Europe/Berlin'));
    expect(new Set(ticks.map(({ at }) => at)).size).toBe(ticks.length);
  });

  it('says the range with its zone', () => {
    expect(rangeText(NOW - DAY, NOW)).toBe('20 Nov 2026, 09:03 to 21 Nov 2026, 09:03 UTC');
    expect(rangeText(NOW, NOW, zoneOf('America/New_York'))).toContain('04:03 America/New York');
    expect(() => zoneOf('Mars/Olympus')).toThrow(RangeError);
  });
});

describe('the value axis', () => {
  it('ends at a round value above the highest', () => {
    expect(valueAxis(34_000, 5)).toEqual({ top: 40_000, ticks: [0, 1e4, 2e4, 3e4, 4e4] });
    expect(valueAxis(40_000, 4).top).toBe(40_000);
    expect(valueAxis(0.3, 3).ticks).toEqual([0, 0.1, 0.2, 0.3]);
    expect([0.7, 1, 1.1, 3, 7, 12, 0].map(niceStep)).toEqual([1, 1, 2, 5, 10, 20, 1]);
  });

  it('ends where it was told to when the scale is fixed', () => {
    expect(fixedAxis(25_000, 3)).toEqual({ top: 25_000, ticks: [0, 1e4, 2e4] });
  });

  it('names RTT in one unit: µs, ms or s', () => {
    expect(rttLabels(valueAxis(420, 3))).toEqual(['0', '200 µs', '400 µs', '600 µs']);
    expect(rttLabels(valueAxis(42_000, 3))).toEqual(['0', '20 ms', '40 ms', '60 ms']);
    expect(rttLabels(valueAxis(1_400_000, 3))).toEqual(['0', '0.5 s', '1 s', '1.5 s']);
  });

  it('names what a script measured with its unit', () => {
    expect(valueLabels(valueAxis(80, 2), '%')).toEqual(['0', '50 %', '100 %']);
    expect(valueLabels(valueAxis(3e9, 3), 'B')).toEqual(['0', '1 GB', '2 GB', '3 GB']);
  });

  it('lets a few peaks go over the top rather than press everything flat', () => {
    const usual = Array.from({ length: 1000 }, (_, i) => 20_000 + (i % 10) * 100);
    expect(worthShowing([...usual, 2_000_000])).toBeLessThan(40_000);
    expect(worthShowing([...usual, 60_000])).toBe(60_000);
    expect(worthShowing([])).toBe(0);
  });

  it('places values in proportion', () => {
    const place = linear(0, 10, 100, 0);
    expect([0, 5, 10].map(place)).toEqual([100, 50, 0]);
    expect(linear(3, 3, 7, 9)(3)).toBe(7);
  });
});
