// `/hosts/:id`: one host, every check and who sees it, and what happened lately.
import { shownTarget } from '#core/checks/index.ts';
import { humanDuration, humanRtt } from '#core/duration.ts';
import type { DayBar } from '#core/history/series.ts';
import { capital } from '#core/text.ts';
import { Document } from '../document.tsx';
import type { CheckModel, FlipModel, HostModel, IncidentModel, Site } from '../models.ts';
import { Chart, type Range } from '../parts/chart.tsx';
import { DayBars } from '../parts/dayBars.tsx';
import { DayTable } from '../parts/dayTable.tsx';
import { IncidentList } from '../parts/incidents.tsx';
import { LocationTable } from '../parts/locations.tsx';
import { Shape, StatusText, statusWord } from '../parts/shape.tsx';
import { Time } from '../parts/time.tsx';
import { chartTitle, checkName, kindTitle, sentenceOf, shownStatus } from '../words.ts';

export interface HostPageProps {
  site: Site;
  host: HostModel;
  asOf: number;
  /** Newest first. */
  flips: readonly FlipModel[];
  incidents: readonly IncidentModel[];
  /** What the charts show. */
  range: Range;
  /** Its last days and those of its checks, oldest first; empty until there is history. */
  bars: readonly DayBar[];
  checkBars: ReadonlyMap<number, readonly DayBar[]>;
}

export function HostPage(props: HostPageProps) {
  const { site, host, asOf, flips, incidents, range, bars, checkBars } = props;
  const shown = shownStatus(host);
  return (
    <Document
      site={site}
      title={host.name}
      icon={shown}
      islands={['bars.js', 'chart.js']}
      styles={['chart.css']}
    >
      <main id="main" data-refresh={site.refreshS} data-as-of={asOf}>
        <p class="crumbs">
          <a href="/">All hosts</a>
          {host.group && <span> / {host.group}</span>}
        </p>
        <div class={`hero ${shown}`}>
          <Shape of={shown} />
          <h1>{host.name}</h1>
          <p class="told">
            <strong id="host" data-status={shown} data-name={host.name}>
              {statusWord(shown)}
            </strong>
            {host.maintenance && shown === 'maintenance' && (
              <span>
                {': '}
                {host.maintenance.title}, until <Time at={host.maintenance.until} />. Beneath it the
                host is {host.status}
              </span>
            )}
            {host.since !== null && shown !== 'paused' && (
              <span>
                {' since '}
                <Time at={host.since} />, for {humanDuration(Math.max(0, asOf - host.since))}
              </span>
            )}
          </p>
          <p class="asof">
            As of <Time at={asOf} relative />
          </p>
        </div>
        {host.days && <Days host={host} bars={bars} />}
        {host.checks.map((check) => (
          <Check check={check} range={range} bars={checkBars.get(check.id) ?? []} />
        ))}
        {host.checks.length === 0 && <p class="soft">Nothing is checked on this host yet.</p>}
        <section class="group">
          <h2>Incidents</h2>
          <IncidentList
            incidents={incidents}
            asOf={asOf}
            empty="None so far."
            within
            signedIn={site.signedIn}
          />
        </section>
        {flips.length > 0 && <Flips flips={flips} />}
      </main>
    </Document>
  );
}

function Days({ host, bars }: { host: HostModel; bars: readonly DayBar[] }) {
  return (
    <section class="group">
      <h2>{bars.length} days</h2>
      {host.days && <DayBars id={host.id} row={host.days} />}
      <details id="day-by-day">
        <summary>Day by day</summary>
        <DayTable bars={bars} />
      </details>
    </section>
  );
}

interface CheckProps {
  check: CheckModel;
  range: Range;
  bars: readonly DayBar[];
}

function Check({ check, range, bars }: CheckProps) {
  const shown = check.paused ? 'paused' : check.status;
  const name = checkName(check);
  return (
    <section class="card check">
      <header>
        <h2>{name}</h2>
        <StatusText of={shown} />
        {check.rttUs !== null && <span class="rtt">{humanRtt(check.rttUs)}</span>}
      </header>
      <p class="soft">
        {[kindTitle(check.kind), shownTarget(check.kind, check.target)]
          .filter((each) => each && each !== name)
          .join(' · ')}
      </p>
      <p>{sentenceOf(check)}</p>
      <LocationTable check={check} />
      <Chart
        checkId={check.id}
        name={name}
        range={range}
        title={chartTitle(check.kind)}
        bars={bars}
      />
    </section>
  );
}

function Flips({ flips }: { flips: readonly FlipModel[] }) {
  return (
    <section class="group">
      <h2>Changes</h2>
      <ol class="card rows flips">
        {flips.map((flip) => (
          <li>
            <Time at={flip.since} />
            <span>
              <b>{capital(flip.to)}</b>
              {flip.check && ` (${flip.check})`}
              <span class="soft">
                , was {flip.from}
                {flip.text && `: ${flip.text}`}
              </span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
