import { describe, expect, it } from 'vitest';
import type { SeriesLine } from '#core/history/series.ts';
import { DAY, HOUR, MINUTE, series } from '#test/support/series.ts';
import { spansOf } from '#web/chart/bands.ts';
import { metricStretches, rttStretches } from '#web/chart/drawn.ts';
import { figuresOf, figureTexts, shareText, uptimeText } from '#web/chart/figures.ts';
import { linePath, rangePath, spanPath } from '#web/chart/path.ts';

const TO = Date.UTC(2026, 10, 21, 9);
const FROM = TO - DAY;
const pen = { x: (at: number) => at, y: (value: number) => value };

describe('a line', () => {
  const day = series({ fromAt: FROM, toAt: TO, stepMs: MINUTE });

  it('keeps every point while there is room', () => {
    const [stretch, ...more] = rttStretches(day.merged, MINUTE, 2000);
    expect(more).toEqual([]);
    expect(stretch).toHaveLength(1440);
  });

  it('gathers neighbours when there is not, and keeps the peaks in the range', () => {
    const drawn = rttStretches(day.merged, MINUTE, 300).flat();
    expect(drawn.length).toBeLessThanOrEqual(300);
    const highest = Math.max(...day.merged.points.map(({ rtt }) => rtt?.p95Us ?? 0));
    expect(Math.max(...drawn.map(({ high }) => high))).toBe(highest);
  });

  it('stays broken where nothing answered or nothing was read', () => {
    const points = day.merged.points.map((point, i) =>
      i >= 100 && i < 110 ? { ...point, rtt: null } : point,
    );
    const holed: SeriesLine = { points: points.toSpliced(500, 5), bands: [] };
    expect(rttStretches(holed, MINUTE, 2000).map(({ length }) => length)).toEqual([100, 390, 935]);
    expect(rttStretches(holed, MINUTE, 300)).toHaveLength(3);
  });

  it('joins single readings although they come further apart than a step', () => {
    const points = day.merged.points
      .filter((_, i) => i % 5 === 0)
      .map((point) => ({ ...point, stepMs: 0 }));
    expect(rttStretches({ points, bands: [] }, 0, 2000)).toHaveLength(1);
  });

  it('draws what a script measured', () => {
    const points = [1, 2, 3].map((n) => ({ at: FROM + n * HOUR, value: n }));
    const [stretch] = metricStretches({ name: 'load', points }, HOUR, 100);
    expect(stretch?.map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  it('is written in tenths, each point from the one before', () => {
    const points = [
      { at: 0, value: 5, low: 4, high: 6 },
      { at: 1.04, value: 4.5, low: 4.5, high: 4.5 },
      { at: 2, value: 4.5, low: 4, high: 5 },
    ];
    expect(linePath([points], pen)).toBe('M0 5l1-.5h1');
    expect(rangePath([points], pen)).toBe('M0 6l1-1.5l1 .5v-1l-1 .5l-1-.5z');
    expect(linePath([points.slice(0, 1)], pen)).toBe('M0 5h0');
  });
});

describe('bands', () => {
  const down = (fromAt: number, toAt: number) => ({ fromAt, toAt, status: 'down' as const });

  it('are merged when less than a pixel lies between them', () => {
    const bands = [down(10, 12), down(12.5, 14), down(20, 22)];
    expect(spansOf(bands, 'down', pen.x, 100)).toEqual([
      { from: 10, to: 14 },
      { from: 20, to: 22 },
    ]);
  });

  it('are never narrower than a pixel, also at the end of the range', () => {
    expect(spansOf([down(10, 10.01)], 'down', pen.x, 100)).toEqual([{ from: 10, to: 11 }]);
    expect(spansOf([down(99.99, 130)], 'down', pen.x, 100)).toEqual([{ from: 99, to: 100 }]);
  });

  it('end with the range and leave out other statuses and what lies beside it', () => {
    const bands = [down(-50, -20), down(-5, 5), { ...down(20, 30), status: 'unknown' as const }];
    expect(spansOf(bands, 'down', pen.x, 100)).toEqual([{ from: 0, to: 5 }]);
    expect(spanPath([{ from: 0, to: 5 }], 10, 30)).toBe('M0 10h5v20h-5z');
  });
});

describe('the figures of a range', () => {
  const figures = (runs: Parameters<typeof series>[0]['runs'] = []) =>
    figuresOf(series({ fromAt: FROM, toAt: TO, stepMs: MINUTE, runs }).merged, FROM, TO);

  it('say uptime, down and unknown time and the average RTT', () => {
    const { uptime, down, unknown } = figures([
      { fromAt: FROM, toAt: FROM + 72 * MINUTE, status: 'down' },
      { fromAt: TO - 144 * MINUTE, toAt: TO, status: 'unknown' },
    ]);
    expect(uptimeText(uptime)).toBe('94.444 %');
    expect(shareText(down ?? 0)).toBe('5.56 %');
    expect(shareText(unknown)).toBe('10 %');
    expect(figureTexts(figures())[3]).toMatch(/^Average RTT \d+ ms$/);
  });

  it('count degraded time as up', () => {
    expect(figures([{ fromAt: FROM, toAt: TO, status: 'degraded' }]).uptime).toBe(100);
  });

  it('come from the runs of status where points are single readings', () => {
    const run = { fromAt: FROM, toAt: FROM + 72 * MINUTE, status: 'down' as const };
    const { merged } = series({ fromAt: FROM, toAt: TO, stepMs: MINUTE, runs: [run] });
    const none = { upMs: 0, degradedMs: 0, downMs: 0, unknownMs: 0, maintenanceMs: 0 };
    const points = merged.points.map((point) => ({ ...point, ...none, stepMs: 0 }));
    expect(figuresOf({ ...merged, points }, FROM, TO).uptime).toBe(95);
  });

  it('are never rounded up to what they are not', () => {
    const blip = [{ fromAt: FROM, toAt: FROM + 10, status: 'down' as const }];
    expect(uptimeText(figures(blip).uptime)).toBe('99.999 %');
    expect(shareText(figures(blip).down ?? 0)).toBe('under 0.01 %');
    expect(uptimeText(figures().uptime)).toBe('100 %');
  });

  it('say so when nothing is known', () => {
    expect(figureTexts(figures([{ fromAt: FROM, toAt: TO, status: 'unknown' }]))).toEqual([
      'Nothing is known of this time',
    ]);
  });
});
