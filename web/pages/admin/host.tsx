// `/admin/hosts/:id`: one host: its name, its checks, its end.
import { isWorkerKind } from '#core/checks/index.ts';
import type { AnsweredModel, CheckForm, HostForm } from '../../adminModels.ts';
import { checkFieldNames } from '../../form/check.ts';
import { NOTHING_TYPED, type Typed } from '../../form/errors.ts';
import type { HostModel, Site } from '../../models.ts';
import { Heartbeat, Members, SetStatus } from '../../parts/answered.tsx';
import { CheckFields, type Places } from '../../parts/checkFields.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { ErrorSummary, TextField, Tick } from '../../parts/field.tsx';
import { KindChoice, type KindChoiceProps } from '../../parts/kindChoice.tsx';
import { LocationTable } from '../../parts/locations.tsx';
import { StatusText } from '../../parts/shape.tsx';
import { TryOut } from '../../parts/tryOut.tsx';
import { checkName, kindTitle, sentenceOf } from '../../words.ts';
import { AdminFrame } from './frame.tsx';
import { DeleteHost } from './hosts.tsx';

export interface HostEditProps {
  site: Site;
  host: HostForm;
  /** How it stands now; absent before anything is known. */
  status: HostModel | undefined;
  groups: readonly string[];
  kinds: KindChoiceProps['kinds'];
  /** By check: those that Anyup answers itself. */
  answered: ReadonlyMap<number, AnsweredModel>;
  said?: string | null;
  warnings?: readonly string[];
  typed?: Typed;
}

export function HostEditPage(props: HostEditProps) {
  const { site, host, status, groups, kinds, answered, typed = NOTHING_TYPED, ...shown } = props;
  return (
    <AdminFrame site={site} place="/admin/hosts" title={host.name} {...shown}>
      <p class="crumbs">
        <a href="/admin/hosts">Hosts</a>
      </p>
      <h1>{host.name}</h1>
      <section class="group" id="checks" data-refresh={site.refreshS}>
        <h2>Checks</h2>
        {host.checks.map((check) => (
          <Check
            hostId={host.id}
            check={check}
            status={status?.checks.find(({ id }) => id === check.id)}
            hostPaused={host.paused}
            answered={answered.get(check.id)}
          />
        ))}
        <KindChoice action={`/admin/hosts/${host.id}/checks/new`} kinds={kinds} />
      </section>
      <form method="post" action={`/admin/hosts/${host.id}`} class="card form">
        <h2>Host</h2>
        <ErrorSummary typed={typed} fields={['name', 'group', 'tags']} />
        <div class="pair">
          <TextField name="name" title="Name" typed={typed} value={host.name} required />
          <TextField name="group" title="Group" typed={typed} value={host.group} options={groups} />
        </div>
        <TextField
          name="tags"
          title="Tags"
          typed={typed}
          value={host.tags.join(', ')}
          placeholder="production, eu"
          hint="words to find it by, with commas between"
        />
        <Tick
          name="paused"
          title="Paused"
          hint="nothing looks at it, nobody is told"
          typed={typed}
          value={host.paused}
        />
        <div class="deeds">
          <button type="submit" class="primary">
            Save
          </button>
          <a class="button quiet" href={`/hosts/${host.id}`}>
            Its public page
          </a>
        </div>
      </form>
      <DeleteHost id={host.id} name={host.name} />
    </AdminFrame>
  );
}

interface CheckProps {
  hostId: number;
  check: CheckForm;
  status: HostModel['checks'][number] | undefined;
  hostPaused: boolean;
  answered: AnsweredModel | undefined;
}

function Check({ hostId, check, status, hostPaused, answered }: CheckProps) {
  const deeds = `/admin/hosts/${hostId}/checks/${check.id}`;
  const shown = hostPaused || check.paused ? 'paused' : (status?.status ?? 'unknown');
  const name = checkName(check);
  return (
    <article class="card check">
      <header>
        <h3>{name}</h3>
        <StatusText of={shown} />
        <a class="button quiet" href={deeds} aria-label={`Edit ${name}`}>
          Edit
        </a>
      </header>
      <p class="soft">
        {kindTitle(check.kind)}
        {!answered && name !== check.target && ` · ${check.target}`}
        {!answered &&
          (check.cron ? ` · at ${check.cron} (${check.zone})` : ` · every ${check.interval}`)}
        {check.tags.map((tag) => (
          <>
            {' '}
            <span class="tag">{tag}</span>
          </>
        ))}
      </p>
      {status && shown !== 'paused' && (
        <>
          <p>{sentenceOf(status)}</p>
          {!answered && <LocationTable check={status} mends />}
        </>
      )}
      {answered?.members && <Members members={answered.members} />}
      {answered?.heartbeat && <Heartbeat heartbeat={answered.heartbeat} deeds={deeds} />}
      {answered?.isSet && (
        <SetStatus deeds={deeds} checkId={check.id} status={status?.status ?? 'up'} />
      )}
    </article>
  );
}

export interface CheckEditProps {
  site: Site;
  host: Pick<HostForm, 'id' | 'name'> & { checks: readonly unknown[] };
  kind: string;
  /** Absent for a new one. */
  check?: CheckForm | undefined;
  places: Places;
  typed?: Typed;
}

export function CheckEditPage(props: CheckEditProps) {
  const { site, host, kind, check, places, typed = NOTHING_TYPED } = props;
  const title = check ? checkName(check) : `Add a check: ${kindTitle(kind)}`;
  const action = `/admin/hosts/${host.id}/checks/${check?.id ?? 'new'}`;
  return (
    <AdminFrame site={site} place="/admin/hosts" title={title}>
      <p class="crumbs">
        <a href="/admin/hosts">Hosts</a> / <a href={`/admin/hosts/${host.id}`}>{host.name}</a>
      </p>
      <h1>{title}</h1>
      <form method="post" action={action} class="card form">
        <p class="soft">{kindTitle(kind)}</p>
        <input type="hidden" name="kind" value={kind} />
        <ErrorSummary typed={typed} fields={checkFieldNames(kind)} />
        <CheckFields kind={kind} check={check} typed={typed} places={places} />
        {check && <Tick name="paused" title="Paused" typed={typed} value={check.paused} />}
        <div class="deeds">
          <button type="submit" class="primary">
            Save
          </button>
        </div>
        {check && <input type="hidden" name="hostId" value={String(host.id)} />}
        {check && <input type="hidden" name="checkId" value={String(check.id)} />}
        {!isWorkerKind(kind) && <TryOut kind={kind} typed={typed} places={places} />}
      </form>
      {check && host.checks.length > 1 && (
        <Confirm action={`${action}/delete`} verb="Delete check">
          The other checks of {host.name} stay.
        </Confirm>
      )}
    </AdminFrame>
  );
}
