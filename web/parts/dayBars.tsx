// The last days of a host as a row of bars: height and shape tell the status, the colour repeats it.
import { BAR_HEIGHT, dayPaths } from '../chart/dayPaths.ts';
import { type DayRow, decodeDays } from '../chart/days.ts';
import { daysSentence } from '../chart/dayWords.ts';
import { uptimeText } from '../chart/figures.ts';

/** `id` tells the host from others on the page. Day by day it is told by an island (bars.js), and by `DayTable`. */
export function DayBars({ id, row }: { id: number; row: DayRow }) {
  const days = decodeDays(row.from, row.days);
  const { uptime } = row;
  return (
    <div class="days">
      <div class="strip" id={`days-${id}`} data-from={row.from} data-days={row.days}>
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
