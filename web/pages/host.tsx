// `/hosts/:id`: one host, every check and who sees it, and what happened lately.
import { humanDuration, humanRtt } from '#core/duration.ts';
import { Document } from '../document.tsx';
import type { CheckModel, FlipModel, HostModel, IncidentModel, Site } from '../models.ts';
import { IncidentList } from '../parts/incidents.tsx';
import { LocationTable } from '../parts/locations.tsx';
import { Shape, StatusText, statusWord } from '../parts/shape.tsx';
import { Time } from '../parts/time.tsx';
import { capital, checkName, kindTitle, sentenceOf } from '../words.ts';

export interface HostPageProps {
  site: Site;
  host: HostModel;
  asOf: number;
  /** Newest first. */
  flips: readonly FlipModel[];
  incidents: readonly IncidentModel[];
}

export function HostPage({ site, host, asOf, flips, incidents }: HostPageProps) {
  const shown = host.paused ? 'paused' : host.status;
  return (
    <Document site={site} title={host.name} icon={shown}>
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
        {host.checks.map((check) => (
          <Check check={check} />
        ))}
        {host.checks.length === 0 && <p class="soft">Nothing is checked on this host yet.</p>}
        <section class="group">
          <h2>Incidents</h2>
          <IncidentList incidents={incidents} asOf={asOf} empty="None so far." within />
        </section>
        {flips.length > 0 && <Flips flips={flips} />}
      </main>
    </Document>
  );
}

function Check({ check }: { check: CheckModel }) {
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
        {[kindTitle(check.kind), check.target].filter((each) => each && each !== name).join(' · ')}
      </p>
      <p>{sentenceOf(check)}</p>
      <LocationTable check={check} />
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
