// `/history`: every incident, newest first.
import { Document } from '../document.tsx';
import type { IncidentModel, Site } from '../models.ts';
import { IncidentList } from '../parts/incidents.tsx';

export interface HistoryPageProps {
  site: Site;
  incidents: readonly IncidentModel[];
  asOf: number;
  /** Where the page before these begins; null on the last. */
  next: number | null;
}

export function HistoryPage({ site, incidents, asOf, next }: HistoryPageProps) {
  return (
    <Document site={site} title="History">
      <main id="main">
        <h1>History</h1>
        <p class="lead">Times in which a host was degraded or down, newest first.</p>
        <IncidentList
          incidents={incidents}
          asOf={asOf}
          signedIn={site.signedIn}
          empty="Nothing has happened so far: no check has been degraded or down."
        />
        {next !== null && (
          <p class="pager">
            <a class="button" href={`/history?before=${next}`}>
              Older
            </a>
          </p>
        )}
      </main>
    </Document>
  );
}
