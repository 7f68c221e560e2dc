import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { DayBar } from '#core/history/series.ts';
import { readable } from '#test/support/pages.ts';
import { dayBars } from '#test/support/series.ts';
import { asset } from '#web/assets.ts';
import { dayPaths } from '#web/chart/dayPaths.ts';
import { dayRowOf, daysOf, decodeDays, encodeDays } from '#web/chart/days.ts';
import { DayBars } from '#web/parts/dayBars.tsx';
import { DayTable } from '#web/parts/dayTable.tsx';

function Bars({ id, bars }: { id: number; bars: readonly DayBar[] }) {
  const row = dayRowOf(bars);
  return row && <DayBars id={id} row={row} />;
}

const NOW = Date.UTC(2026, 10, 21, 9);
const DAY = 86_400_000;
const bar = (day: string, overrides: Partial<DayBar> = {}): DayBar => ({
  day,
  status: 'up',
  uptime: 100,
  upMs: DAY,
  degradedMs: 0,
  downMs: 0,
  unknownMs: 0,
  maintenanceMs: 0,
  incidents: 0,
  ...overrides,
});
const bad = bar('2026-11-20', {
  status: 'down',
  uptime: 97.531,
  upMs: DAY - 2_134_000,
  downMs: 2_134_000,
  incidents: 2,
});

describe('days in few characters', () => {
  it('are the same days again', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const days = daysOf(dayBars(NOW, 90, seed, seed * 3));
      expect(decodeDays(days[0]?.day ?? '', encodeDays(days))).toEqual(days);
    }
  });

  it('count what was up from end to end', () => {
    const bars = [bar('2026-11-18'), bar('2026-11-19'), bad, bar('2026-11-21')];
    expect(encodeDays(daysOf(bars))).toBe('2 d97531,2134,2 1');
  });

  it('hold a place for days that are missing', () => {
    const days = daysOf([bar('2026-02-27'), bar('2026-03-02')]);
    expect(days.map(({ day, status }) => [day, status])).toEqual([
      ['2026-02-27', 'up'],
      ['2026-02-28', 'none'],
      ['2026-03-01', 'none'],
      ['2026-03-02', 'up'],
    ]);
  });
});

describe('a row of days', () => {
  it('tells each status by a shape of its own', () => {
    const statuses = ['up', 'degraded', 'down', 'unknown'] as const;
    const bars = statuses.map((status, i) => bar(`2026-11-1${i}`, { status }));
    const outlines = dayPaths(daysOf(bars)).map(([, d]) => d.replace(/^M\S+/, 'M'));
    expect(new Set(outlines).size).toBe(4);
  });

  it('says in words what it shows', () => {
    const html = String(<Bars id={1} bars={[bar('2026-11-19'), bad, bar('2026-11-21')]} />);
    expect(html).toContain('aria-label="Last 3 days: 99.176 % up, down on 1 day"');
    expect(readable(html)).toBe('3 days ago 99.176 % up today');
  });

  it('is nothing where there are no days yet', () => {
    expect(String(<Bars id={1} bars={[]} />)).toBe('');
  });

  it('takes at most 1.5 KB for a host, and 12 KB for fifty with the script and the styles', () => {
    const rows = Array.from({ length: 50 }, (_, i) =>
      String(<Bars id={i} bars={dayBars(NOW, 90, i + 1, i % 10 === 0 ? 60 : 0)} />),
    );
    for (const row of rows) expect(gzipSync(row).length).toBeLessThan(1536);
    const file = (name: 'bars.js' | 'app.css') =>
      gzipSync(
        readFileSync(fileURLToPath(new URL(`../../../web/dist${asset(name)}`, import.meta.url))),
      );
    const bytes = gzipSync(rows.join('')).length + file('bars.js').length + file('app.css').length;
    expect(bytes).toBeLessThan(12 * 1024);
  });
});

describe('the days as a table', () => {
  it('says day, status, uptime, time down, incidents and what is not counted, newest first', () => {
    const partly = bar('2026-11-21', {
      upMs: DAY / 2,
      unknownMs: 7_200_000,
      maintenanceMs: 3_600_000,
    });
    const html = String(<DayTable bars={[bad, partly]} />);
    expect(readable(html)).toContain(
      '21 Nov 2026 Up 100 % 2 h unknown, 1 h maintenance 20 Nov 2026 Down 97.531 % 35 min 34 s 2',
    );
    expect(html.match(/<th scope="row">/g)).toHaveLength(2);
  });

  it('leaves out days before anybody watched', () => {
    const html = String(<DayTable bars={dayBars(NOW, 90, 3, 80)} />);
    expect(html.match(/<th scope="row">/g)).toHaveLength(10);
    expect(readable(String(<DayTable bars={dayBars(NOW, 3, 3, 3)} />))).toBe(
      'No day is recorded yet.',
    );
  });
});
