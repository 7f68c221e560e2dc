// The same days as a table, newest first, for those who read rather than look.
import { humanDuration } from '#core/duration.ts';
import type { DayBar } from '#core/history/series.ts';
import { isUnwatched } from '../chart/days.ts';
import { dateText, dayStatusWord, leftOut } from '../chart/dayWords.ts';
import { uptimeText } from '../chart/figures.ts';
import { Shape } from './shape.tsx';
import { WideTable } from './wideTable.tsx';

export function DayTable({ bars }: { bars: readonly DayBar[] }) {
  const watched = bars.filter((bar) => !isUnwatched(bar));
  if (watched.length === 0) return <p class="soft">No day is recorded yet.</p>;
  return (
    <WideTable>
      <caption class="unseen">Day by day, in UTC, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Day (UTC)</th>
          <th scope="col">Status</th>
          <th scope="col">Uptime</th>
          <th scope="col">Down</th>
          <th scope="col">Incidents</th>
          <th scope="col">Not counted</th>
        </tr>
      </thead>
      <tbody>
        {watched.toReversed().map((bar) => (
          <DayRow bar={bar} />
        ))}
      </tbody>
    </WideTable>
  );
}

function DayRow({ bar }: { bar: DayBar }) {
  const { day, status, uptime, downMs, incidents } = bar;
  return (
    <tr>
      <th scope="row">{dateText(day)}</th>
      <td>
        <Shape of={status} /> {dayStatusWord(status)}
      </td>
      <td>{uptime === null ? '' : uptimeText(uptime)}</td>
      <td>{downMs > 0 && humanDuration(downMs)}</td>
      <td>{incidents > 0 && incidents}</td>
      <td>{leftOut(bar)}</td>
    </tr>
  );
}
