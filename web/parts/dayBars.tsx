// The last days of a host as a row of bars: height and shape tell the status, the colour repeats it.
import { uptimeOf } from '#core/history/figures.ts';
import type { DayBar } from '#core/history/series.ts';
import { BAR_HEIGHT, dayPaths } from '../chart/dayPaths.ts';
import { daysOf, encodeDays, sumOf } from '../chart/days.ts';
import { daysSentence } from '../chart/dayWords.ts';
import { uptimeText } from '../chart/figures.ts';

/** `id` tells the host from others on the page. Day by day it is told by an island (bars.js), and by `DayTable`. */
export function DayBars({ id, bars }: { id: number; bars: readonly DayBar[] }) {
  const days = daysOf(bars);
  const [first] = days;
  if (first === undefined) return null;
  const uptime = uptimeOf(sumOf(bars));
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
