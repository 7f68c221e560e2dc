// RTT and status of one check over a range: a picture that needs no script, links to the usual ranges, the figures as
// a table. An island (chart.js) puts a chart to zoom and move in the picture's place once it has the data.
import { humanDuration } from '#core/duration.ts';
import { uptimeOf } from '#core/history/figures.ts';
import type { DayBar } from '#core/history/series.ts';
import { sumOf } from '../chart/days.ts';
import { leftOut } from '../chart/dayWords.ts';
import { uptimeText } from '../chart/figures.ts';
import { WideTable } from './wideTable.tsx';

/** Ranges to choose from, as `?range=` and `/chart/:checkId.svg?range=` take them. */
export const RANGES = {
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
  '90d': '90 days',
} as const;

export type Range = keyof typeof RANGES;

export const DEFAULT_RANGE: Range = '24h';

/** What `?range=` asked for; the default for what is none. */
export function rangeIn(text: string | undefined): Range {
  return text !== undefined && Object.hasOwn(RANGES, text) ? (text as Range) : DEFAULT_RANGE;
}

const WIDE = { width: 928, height: 300 };
const NARROW = { width: 358, height: 330 };

export interface ChartProps {
  checkId: number;
  /** What the chart is of: the check's or the host's name. */
  name: string;
  range: Range;
  /** What it shows. */
  title: string;
  /** Its days, oldest first. */
  bars?: readonly DayBar[];
}

export function Chart({ checkId, name, range, title, bars = [] }: ChartProps) {
  return (
    <figure
      class="chart"
      id={`chart-${checkId}`}
      data-chart={checkId}
      data-range={range}
      data-series={`/api/v1/checks/${checkId}/series`}
    >
      <figcaption>
        <h3>{title}</h3>
        <ul aria-label="Range of the chart">
          {Object.entries(RANGES).map(([each, words]) => (
            <li>
              <a
                href={`?range=${each}#chart-${checkId}`}
                data-range={each}
                aria-current={each === range ? 'true' : undefined}
              >
                {words}
              </a>
            </li>
          ))}
        </ul>
      </figcaption>
      <div class="drawing">
        <Picture checkId={checkId} name={name} range={range} title={title} />
      </div>
      {bars.length > 0 && <FiguresTable checkId={checkId} bars={bars} />}
    </figure>
  );
}

/** Light or dark, wide or narrow: the browser takes the one that fits. */
function Picture({ checkId, name, range, title }: Omit<ChartProps, 'bars'>) {
  const address = (theme: string, { width, height }: typeof WIDE) =>
    `/chart/${checkId}.svg?range=${range}&width=${width}&height=${height}&theme=${theme}`;
  return (
    <picture>
      <source
        media="(prefers-color-scheme: dark) and (max-width: 40rem)"
        srcset={address('dark', NARROW)}
      />
      <source media="(max-width: 40rem)" srcset={address('light', NARROW)} />
      <source media="(prefers-color-scheme: dark)" srcset={address('dark', WIDE)} />
      <img
        src={address('light', WIDE)}
        width={WIDE.width}
        height={WIDE.height}
        alt={`${title} of ${name} over ${RANGES[range]}`}
        decoding="async"
      />
    </picture>
  );
}

/** In whole days, which end with today. */
const SPANS = [7, 30, 90];

function FiguresTable({ checkId, bars }: { checkId: number; bars: readonly DayBar[] }) {
  return (
    <details id={`figures-${checkId}`}>
      <summary>In figures</summary>
      <WideTable>
        <caption class="unseen">Figures by range, in whole days of UTC</caption>
        <thead>
          <tr>
            <th scope="col">Range</th>
            <th scope="col">Uptime</th>
            <th scope="col">Down</th>
            <th scope="col">Degraded</th>
            <th scope="col">Incidents</th>
            <th scope="col">Not counted</th>
          </tr>
        </thead>
        <tbody>
          {SPANS.map((days) => (
            <FiguresRow name={`${days} days`} bars={bars.slice(-days)} />
          ))}
        </tbody>
      </WideTable>
    </details>
  );
}

function FiguresRow({ name, bars }: { name: string; bars: readonly DayBar[] }) {
  const times = sumOf(bars);
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{uptimeText(uptimeOf(times))}</td>
      <td>{times.downMs > 0 ? humanDuration(times.downMs) : 'none'}</td>
      <td>{times.degradedMs > 0 ? humanDuration(times.degradedMs) : 'none'}</td>
      <td>{bars.reduce((all, { incidents }) => all + incidents, 0)}</td>
      <td>{leftOut(times)}</td>
    </tr>
  );
}
