import { humanDuration } from '#core/duration.ts';
import type { Status } from '#core/level.ts';
import { capital } from '#core/text.ts';
import type { IncidentModel } from '../models.ts';
import { Shape } from './shape.tsx';
import { Time } from './time.tsx';

export interface IncidentListProps {
  incidents: readonly IncidentModel[];
  asOf: number;
  /** What is said when there are none. */
  empty: string;
  /** On the host's own page its name says nothing. */
  within?: boolean;
  /** Whoever reads may see what runners saw. */
  signedIn: boolean;
}

/** Newest first, the open ones marked. */
export function IncidentList(props: IncidentListProps) {
  const { incidents, asOf, empty, within = false, signedIn } = props;
  if (incidents.length === 0) return <p class="soft">{empty}</p>;
  return (
    <ol class="card rows incidents">
      {incidents.map((incident) => (
        <li>
          <Shape of={statusOfWord(incident.worst)} />
          <p class="what">
            {!within && <HostName incident={incident} />}{' '}
            <b>
              {within ? capital(incident.worst) : incident.worst} for{' '}
              {humanDuration((incident.closedAt ?? asOf) - incident.openedAt)}
            </b>
            {incident.closedAt === null && <span class="tag">still open</span>}
          </p>
          <p class="soft">
            <Time at={incident.openedAt} />
            {incident.closedAt !== null && (
              <>
                {' to '}
                <Time at={incident.closedAt} />
              </>
            )}
            {[incident.check, incident.text].filter(Boolean).map((each) => ` · ${each}`)}
            {signedIn && (
              <>
                {' · '}
                <a href={`/admin/incidents/${incident.id}`}>what runners saw</a>
              </>
            )}
          </p>
        </li>
      ))}
    </ol>
  );
}

function HostName({ incident: { hostId, host } }: { incident: IncidentModel }) {
  if (hostId === null || host === '') return <>A removed host</>;
  return <a href={`/hosts/${hostId}`}>{host}</a>;
}

function statusOfWord(word: string): Status {
  return word === 'up' || word === 'degraded' || word === 'down' ? word : 'unknown';
}
