// `/`: everything that is watched, at a glance.
import { humanRtt } from '#core/duration.ts';
import { Document } from '../document.tsx';
import type { HostModel, Site, StatusModel } from '../models.ts';
import { CalmHost } from '../parts/calmHost.tsx';
import { DayBars } from '../parts/dayBars.tsx';
import { LocationTable } from '../parts/locations.tsx';
import { Shape, statusWord } from '../parts/shape.tsx';
import { Time } from '../parts/time.tsx';
import {
  byGroup,
  checkName,
  count,
  headline,
  isSetAside,
  lowestRtt,
  shownStatus,
  whoSees,
} from '../words.ts';

/** Beyond this many hosts, groups without trouble arrive folded, and who sees a host that is well is on its own page. */
const UNFOLDED_HOSTS = 50;
/** How long before it begins planned work is announced. */
const SOON_MS = 14 * 86_400_000;

export interface StatusPageProps {
  site: Site;
  model: StatusModel;
  /** The database does not answer: it was so at `model.asOf`. */
  stale?: boolean;
}

export function StatusPage({ site, model, stale = false }: StatusPageProps) {
  return (
    <Document
      site={site}
      icon={model.status}
      islands={model.hosts.some(({ days }) => days) ? ['bars.js'] : []}
    >
      <main id="main" data-refresh={site.refreshS} data-as-of={model.asOf}>
        {stale && <LastKnown at={model.asOf} />}
        {!stale && model.deafSinceAt != null && <WasAway at={model.deafSinceAt} />}
        <Hero model={model} />
        <Planned model={model} />
        {model.hosts.length === 0 ? <Empty site={site} /> : <Groups hosts={model.hosts} />}
      </main>
    </Document>
  );
}

function LastKnown({ at }: { at: number }) {
  return (
    <p class="notice warn" role="status">
      Anyup’s database does not answer. This is what was known at <Time at={at} />; what is so now
      may differ.
    </p>
  );
}

function WasAway({ at }: { at: number }) {
  return (
    <p class="notice warn" role="status">
      Anyup itself was not running from <Time at={at} /> on. Until its runners are heard again, this
      is how it stood then.
    </p>
  );
}

function Hero({ model }: { model: StatusModel }) {
  const counting = model.hosts.filter((host) => !isSetAside(host));
  const troubled = (['down', 'degraded'] as const).flatMap((status) =>
    counting.filter((host) => host.status === status),
  );
  return (
    <div class={`hero ${model.hosts.length === 0 ? 'unknown' : model.status}`}>
      {model.hosts.length > 0 && <Shape of={model.status} />}
      <h1>{headline(model)}</h1>
      {troubled.length > 0 && troubled.length < model.hosts.length && (
        <p class="troubled">
          {troubled.slice(0, 8).map(({ id, name, status }) => (
            <a href={`#host-${id}`}>
              {name}
              {status !== model.status && ` (${status})`}
            </a>
          ))}
          {troubled.length > 8 && <span>and {troubled.length - 8} more</span>}
        </p>
      )}
      <p class="asof">
        As of <Time at={model.asOf} relative />
      </p>
    </div>
  );
}

/** Planned work that is under way or comes within two weeks. */
function Planned({ model: { maintenances = [], hosts, asOf } }: { model: StatusModel }) {
  const near = maintenances.filter(({ from }) => from < asOf + SOON_MS);
  if (near.length === 0) return null;
  const nameOf = (id: number) => hosts.find((host) => host.id === id)?.name;
  return (
    <ul class="planned">
      {near.slice(0, 5).map(({ title, from, until, hostIds }) => (
        <li class="maintenance">
          <Shape of="maintenance" />
          <p>
            <strong>
              {from <= asOf ? 'Maintenance' : 'Planned maintenance'}: {title}
            </strong>{' '}
            <span>
              <Time at={from} /> to <Time at={until} />, {whom(hostIds, nameOf)}
            </span>
          </p>
        </li>
      ))}
    </ul>
  );
}

function whom(ids: number[] | null, nameOf: (id: number) => string | undefined): string {
  if (ids === null) return 'everything';
  const names = ids.flatMap((id) => nameOf(id) ?? []);
  if (names.length === 0) return 'no host yet';
  const more = names.length - 3;
  return names.slice(0, 3).join(', ') + (more > 0 ? ` and ${count(more, 'other')}` : '');
}

function Empty({ site }: { site: Site }) {
  return (
    <section class="card empty">
      <h2>No hosts yet</h2>
      <p>
        A host is anything that should be reachable: a site, a server, a port, a script. Once one is
        added, every runner looks at it, and this page says whether it is up and who can see it.
      </p>
      <p>
        {site.signedIn ? (
          <a class="button primary" href="/admin/hosts">
            Add the first host
          </a>
        ) : (
          <a class="button" href="/sign-in">
            Sign in to add the first host
          </a>
        )}
      </p>
    </section>
  );
}

function Groups({ hosts }: { hosts: readonly HostModel[] }) {
  const groups = byGroup(hosts);
  const single = groups.length === 1;
  const many = hosts.length > UNFOLDED_HOSTS;
  return (
    <div class="groups">
      {groups.map(([name, members]) => (
        <Group
          name={name || (single ? 'Hosts' : 'Other hosts')}
          hosts={members}
          quiet={single && name === ''}
          fold={many && !single}
          brief={many}
        />
      ))}
    </div>
  );
}

interface GroupProps {
  name: string;
  hosts: readonly HostModel[];
  /** The only, nameless group needs no visible title. */
  quiet: boolean;
  fold: boolean;
  /** Who sees hosts that are well is left to their own pages. */
  brief: boolean;
}

function Group({ name, hosts, quiet, fold, brief }: GroupProps) {
  const title = (
    <h2 class={quiet ? 'unseen' : undefined}>
      {name} {!quiet && <GroupCount hosts={hosts} />}
    </h2>
  );
  const rows = (
    <ul class="card hosts">
      {hosts.map((host) =>
        brief && isCalm(host) ? <CalmHost host={host} /> : <HostRow host={host} />,
      )}
    </ul>
  );
  if (!fold) {
    return (
      <section class="group">
        {title}
        {rows}
      </section>
    );
  }
  const calm = hosts.every(isCalm);
  return (
    <details class="group" id={`group-${name}`} open={!calm}>
      <summary>{title}</summary>
      {rows}
    </details>
  );
}

function GroupCount({ hosts }: { hosts: readonly HostModel[] }) {
  const watched = hosts.filter((host) => !isSetAside(host));
  const parts = (['down', 'degraded', 'unknown'] as const).flatMap((status) => {
    const n = watched.filter((host) => host.status === status).length;
    return n > 0 ? [`${n} ${status}`] : [];
  });
  return <span class="count">{[count(hosts.length, 'host'), ...parts].join(', ')}</span>;
}

function isCalm(host: HostModel): boolean {
  return host.status === 'up' || isSetAside(host);
}

function HostRow({ host }: { host: HostModel }) {
  const shown = shownStatus(host);
  const rttUs = lowestRtt(host);
  const unknown = host.checks.filter(({ status }) => status === 'unknown').length;
  return (
    <li class="host" id={`host-${host.id}`} data-status={shown} data-name={host.name}>
      <Shape of={shown} />
      <h3>
        <a href={`/hosts/${host.id}`}>{host.name}</a>
      </h3>
      <p class="rtt">{rttUs !== null && shown !== 'paused' && humanRtt(rttUs)}</p>
      <p class="state">
        <strong class={shown}>{statusWord(shown)}</strong>{' '}
        {host.since !== null && shown === host.status && (
          <span>
            since <Time at={host.since} />
          </span>
        )}
      </p>
      {host.maintenance && shown === 'maintenance' && (
        <p class="work">
          {host.maintenance.title}, until <Time at={host.maintenance.until} />
          {host.status !== 'up' && `; beneath it ${statusWord(host.status).toLowerCase()}`}
        </p>
      )}
      {host.checks.length > 0 && (
        <details id={`more-${host.id}`}>
          <summary>
            {host.paused ? 'not watched while paused' : whoSees(host)}
            {unknown > 0 && host.status !== 'unknown' && ` (${count(unknown, 'check')} unknown)`}
          </summary>
          {host.checks.map((check) => (
            <div class="seen">
              {host.checks.length > 1 && (
                <h4>
                  <Shape of={check.paused ? 'paused' : check.status} /> {checkName(check)}
                </h4>
              )}
              <LocationTable check={check} brief />
            </div>
          ))}
        </details>
      )}
      {host.days && <DayBars id={host.id} row={host.days} />}
    </li>
  );
}
