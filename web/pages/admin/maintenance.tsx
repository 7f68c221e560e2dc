// `/admin/maintenance`: planned work that is under way, to come and over.
import { humanDuration } from '#core/duration.ts';
import { NOTHING_TYPED, type Typed } from '../../form/errors.ts';
import type { Site } from '../../models.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { AreaField, ErrorSummary, TextField, Tick } from '../../parts/field.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import { count } from '../../words.ts';
import { AdminFrame } from './frame.tsx';

export interface PlannedWork {
  id: number;
  title: string;
  note: string;
  hosts: number[] | null;
  groups: string[] | null;
  from: number;
  until: number;
}

export interface MaintenancePageProps {
  site: Site;
  now: number;
  /** That which ends last first. */
  maintenances: readonly PlannedWork[];
  hosts: ReadonlyArray<{ id: number; name: string; group: string }>;
  /** The one the form is for; null = a new one. */
  editing: PlannedWork | null;
  said?: string | null;
  typed?: Typed;
}

const PLACE = '/admin/maintenance';

export function MaintenancePage(props: MaintenancePageProps) {
  const { site, maintenances, said = null } = props;
  return (
    <AdminFrame site={site} place={PLACE} title="Maintenance" said={said}>
      <h1>Maintenance</h1>
      <p class="lead">
        While planned work lasts it is shown over the status, nobody is sent a message, and the time
        does not count in uptime. Everything is still recorded: what is still wrong when the work
        ends is told then. Calendars may subscribe to <a href="/maintenance.ics">maintenance.ics</a>
        .
      </p>
      {maintenances.length > 0 && (
        <ol class="card rows managed">
          {maintenances.map((each) => (
            <Row work={each} {...props} />
          ))}
        </ol>
      )}
      <WorkForm {...props} />
    </AdminFrame>
  );
}

function Row({ work, now, hosts }: MaintenancePageProps & { work: PlannedWork }) {
  const { id, title, from, until } = work;
  const over = until <= now;
  return (
    <li>
      <Shape of={over ? 'paused' : 'maintenance'} />
      <p class="what">
        <b>{title}</b>
        <span class="soft">, {whom(work, hosts)}</span>
      </p>
      <p class="how">
        <strong class={over ? undefined : 'maintenance'}>{stateOf(work, now)}</strong>
        <span class="soft">
          <Time at={from} /> to <Time at={until} />
        </span>
      </p>
      <div class="deeds">
        <a class="button quiet" href={`${PLACE}/${id}#work`} aria-label={`Edit ${title}`}>
          Edit
        </a>
        <Confirm action={`${PLACE}/${id}/delete`} verb="Delete">
          {from < now ? 'What happened in it counts again.' : `${title} is taken back.`}
        </Confirm>
      </div>
    </li>
  );
}

function stateOf({ from, until }: PlannedWork, now: number): string {
  if (until <= now) return 'Over';
  if (from <= now) return `Under way, ${humanDuration(until - now)} left`;
  return `Begins in ${humanDuration(from - now)}`;
}

function whom({ hosts, groups }: PlannedWork, all: MaintenancePageProps['hosts']): string {
  if (hosts === null && groups === null) return 'every host';
  const names = (hosts ?? []).flatMap((id) => all.find((host) => host.id === id)?.name ?? []);
  const named = [...(groups ?? []).map((group) => `group ${group || 'without a name'}`), ...names];
  const more = named.length - 5;
  return named.slice(0, 5).join(', ') + (more > 0 ? ` and ${count(more, 'other')}` : '');
}

function WorkForm({ editing, hosts, now, typed = NOTHING_TYPED }: MaintenancePageProps) {
  const groups = [...new Set(hosts.map(({ group }) => group).filter(Boolean))];
  const action = editing ? `${PLACE}/${editing.id}` : PLACE;
  return (
    <form method="post" action={action} class="card form" id="work">
      <h2>{editing ? `Change ${editing.title}` : 'Announce maintenance'}</h2>
      <ErrorSummary typed={typed} fields={['title', 'note', 'from', 'until']} />
      <TextField
        name="title"
        title="Title"
        typed={typed}
        value={editing?.title ?? ''}
        placeholder="New database server"
        hint="anyone may read it"
        required
      />
      <div class="pair">
        <TextField
          name="from"
          title="From (UTC)"
          typed={typed}
          type="datetime-local"
          utc
          value={editing ? local(editing.from) : local(now)}
        />
        <TextField
          name="until"
          title="Until (UTC)"
          typed={typed}
          type="datetime-local"
          utc
          value={editing ? local(editing.until) : local(now + 2 * 3_600_000)}
          required
        />
      </div>
      <AreaField
        name="note"
        title="What people should know"
        typed={typed}
        value={editing?.note ?? ''}
      />
      <fieldset class="choices">
        <legend>For which hosts</legend>
        <p class="hint">None ticked: for every host.</p>
        <div class="ticks">
          {groups.map((group) => (
            <Tick
              name="group"
              id={`group=${group}`}
              sends={group}
              title={`Group ${group}`}
              typed={typed}
              value={editing?.groups?.includes(group) ?? false}
            />
          ))}
          {hosts.map(({ id, name }) => (
            <Tick
              name="host"
              id={`host=${id}`}
              sends={String(id)}
              title={name}
              typed={typed}
              value={editing?.hosts?.includes(id) ?? false}
            />
          ))}
        </div>
      </fieldset>
      <div class="deeds">
        <button type="submit" class="primary">
          {editing ? 'Save' : 'Announce'}
        </button>
        {editing && (
          <a class="button quiet" href={PLACE}>
            Leave it as it is
          </a>
        )}
      </div>
    </form>
  );
}

/** As the control wants it, in UTC. */
function local(at: number): string {
  return new Date(at).toISOString().slice(0, 16);
}
