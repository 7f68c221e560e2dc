// The last days of a host as a row of bars: height and shape tell the status, the colour repeats it.
import { raw } from 'hono/html';
import { BAR_HEIGHT, dayPaths } from '../chart/dayPaths.ts';
import { type DayRow, decodeDays } from '../chart/days.ts';
import { daysSentence } from '../chart/dayWords.ts';
import { uptimeText } from '../chart/figures.ts';
import { tag } from '../chart/markup.ts';

/** `id` tells the host from others on the page. Day by day it is told by an island (bars.js), and by `DayTable`. */
export function DayBars({ id, row }: { id: number; row: DayRow }) {
  const { uptime, from, days } = row;
  const { count, svg } = drawn(row);
  return (
    <div class="days">
      <div class="strip" id={`days-${id}`} data-from={from} data-days={days}>
        {raw(svg)}
      </div>
      <p>
        <span>{count} days ago</span>
        <b>{uptime === null ? 'not known yet' : `${uptimeText(uptime)} up`}</b>
        <span>today</span>
      </p>
    </div>
  );
}

interface Drawn {
  count: number;
  svg: string;
}

/** Most hosts have had the same days: on a page of a thousand each is drawn once. */
const drawings = new Map<string, Drawn>();
const MOST = 500;

/** The picture of a row of days, as text. */
export function drawn({ from, days: text, uptime }: DayRow): Drawn {
  const key = `${from} ${uptime} ${text}`;
  const held = drawings.get(key);
  if (held) return held;
  const days = decodeDays(from, text);
  const paths = dayPaths(days).map(([status, d]) => tag('path', { class: status, d }));
  const svg = tag(
    'svg',
    {
      viewBox: `0 0 ${days.length} ${BAR_HEIGHT}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': daysSentence(days, uptime),
    },
    paths.join(''),
  );
  if (drawings.size >= MOST) drawings.clear();
  drawings.set(key, { count: days.length, svg });
  return { count: days.length, svg };
}
