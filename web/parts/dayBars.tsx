// The last days of a host as a row of bars: height and shape tell the status, the colour repeats it.
import type { DayBar } from '#core/history/series.ts';
import { BAR_HEIGHT, dayPaths } from '../chart/dayPaths.ts';
import { daysOf, encodeDays } from '../chart/days.ts';
import { daysSentence } from '../chart/dayWords.ts';
import { uptimeText } from '../chart/figures.ts';

/** `id` tells the host from others on the page. Day by day it is told by an island (bars.js), and by `DayTable`. */
export function DayBars({ id, bars }: { id: number; bars: readonly DayBar[] }) {
  const days = daysOf(bars);
  const [first] = days;
  if (first === undefined) return null;
  const uptime = uptimeOf(bars);
  return (
    <div class="days">
      <div class="strip" id={`days-${id}`} data-from={first.day} data-days={encodeDays(days)}>
        <svg
          viewBox={`0 0 ${days.length} ${BAR_HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={daysSentence(days, uptime)}
        >
          {dayPaths(days).map(([status, d]) => (
            <path class={status} d={d} />
          ))}
        </svg>
      </div>
      <p>
        <span>{days.length} days ago</span>
        <b>{uptime === null ? 'not known yet' : `${uptimeText(uptime)} up`}</b>
        <span>today</span>
      </p>
    </div>
  );
}

/** Of all the known time in these days; null = nothing is known. */
export function uptimeOf(bars: readonly DayBar[]): number | null {
  const sum = (of: (bar: DayBar) => number) => bars.reduce((ms, bar) => ms + of(bar), 0);
  const good = sum(({ upMs, degradedMs }) => upMs + degradedMs);
  const known = good + sum(({ downMs }) => downMs);
  return known > 0 ? good / known : null;
}
