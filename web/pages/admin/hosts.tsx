// `/admin/hosts`: what is watched, and the one field that adds to it.
import { KIND_NAMES, shownTarget } from '#core/checks/index.ts';
import { humanRtt } from '#core/duration.ts';
import { NOTHING_TYPED, type Typed } from '../../form/errors.ts';
import type { HostModel, Site, StatusModel } from '../../models.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { ErrorSummary, TextField } from '../../parts/field.tsx';
import { Shape, statusWord } from '../../parts/shape.tsx';
import type { AddedCost } from '../../usageModel.ts';
import { byGroup, checkName, count, kindTitle, lowestRtt, whoSees } from '../../words.ts';
import { AdminFrame } from './frame.tsx';
import { oneMoreWords } from './usage.tsx';

export interface HostsPageProps {
  site: Site;
  model: StatusModel;
  /** Those to show, and the words they were found by; absent = all. */
  search?: { words: string; hosts: readonly HostModel[] } | undefined;
  /** What one more check would cost; null where it costs nothing. */
  cost?: AddedCost | null;
  /** Nobody looks at anything yet; null = somebody does. */
  nobody?: { offered: boolean; on: boolean } | null;
  said?: string | null;
  warnings?: readonly string[];
  typed?: Typed;
}

export function HostsPage({
  site,
  model,
  search,
  cost = null,
  nobody = null,
  typed = NOTHING_TYPED,
  ...shown
}: HostsPageProps) {
  const groups = [...new Set(model.hosts.map(({ group }) => group).filter(Boolean))];
  const shownHosts = search?.hosts ?? model.hosts;
  return (
    <AdminFrame site={site} place="/admin/hosts" title="Hosts" {...shown}>
      <h1>Hosts</h1>
      {nobody && <Nobody {...nobody} />}
      <AddHost typed={typed} groups={groups} first={model.hosts.length === 0} cost={cost} />
      {(search || model.hosts.length > MANY) && <Search words={search?.words ?? ''} />}
      <div class="groups" id="list" data-refresh={site.refreshS}>
        {search && (
          <p class="soft" role="status">
            {shownHosts.length === 0 ? 'No host' : count(shownHosts.length, 'host')} of{' '}
            {model.hosts.length} found. <a href="/admin/hosts">Show all</a>
          </p>
        )}
        {byGroup(shownHosts).map(([name, hosts]) => (
          <section class="group">
            <h2>{name || (groups.length > 0 ? 'Other hosts' : 'All hosts')}</h2>
            <ul class="card rows managed">
              {hosts.map((host) => (
                <HostRow host={host} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </AdminFrame>
  );
}

/** With fewer, looking is quicker than asking. */
const MANY = 8;

function Search({ words }: { words: string }) {
  return (
    <search>
      <form method="get" action="/admin/hosts" class="choice">
        <label for="q">Find</label>
        <input
          id="q"
          name="q"
          type="search"
          value={words}
          placeholder="name, address, group, tag, kind or status"
        />
        <button type="submit">Find</button>
      </form>
    </search>
  );
}

/** No runner is there: what can look all the same. */
function Nobody({ offered, on }: { offered: boolean; on: boolean }) {
  if (on) {
    return (
      <p class="soft" id="nobody">
        No runner yet: what you add here over HTTP or TCP is looked at by this worker, once a
        minute. <a href="/admin/runners">Add a runner</a> to look from your own networks, oftener,
        and at everything else.
      </p>
    );
  }
  return (
    <div class="card form" id="nobody">
      <p>
        No runner looks at anything yet. <a href="/admin/runners">Add a runner</a>
        {offered &&
          ', or let this worker look at HTTP and TCP itself, once a minute, to begin with'}
        .
      </p>
      {offered && (
        <form method="post" action="/admin/settings/from-worker">
          <input type="hidden" name="on" value="yes" />
          <input type="hidden" name="next" value="hosts" />
          <button type="submit">Look from this worker</button>
        </form>
      )}
    </div>
  );
}

export interface AddHostProps {
  typed: Typed;
  groups: readonly string[];
  /** Nothing is watched yet. */
  first: boolean;
  cost: AddedCost | null;
}

const FIELDS = ['target', 'name', 'group'];

function AddHost({ typed, groups, first, cost }: AddHostProps) {
  const opened = Boolean(typed.values.name || typed.values.group);
  return (
    <form method="post" action="/admin/hosts" class="card form add" id="add">
      <h2>{first ? 'Add the first host' : 'Add a host'}</h2>
      <ErrorSummary typed={typed} fields={FIELDS} />
      <div class="quick">
        <TextField
          name="target"
          title="Address"
          typed={typed}
          placeholder="https://example.org/"
          hint="https://… is asked over HTTP, name:port by TCP, a bare name or address by ping; tls:name looks at a certificate, dns:name asks a name server; script:name runs on the runner; heartbeat:name waits for a job that calls."
          required
        />
        <div class="deeds">
          <button type="submit" formaction="/admin/tries" data-try>
            Try it
          </button>
          <button type="submit" class="primary">
            Add host
          </button>
        </div>
      </div>
      <details open={opened}>
        <summary>Name and group</summary>
        <div class="pair">
          <TextField name="name" title="Name" typed={typed} placeholder="as in the address" />
          <TextField name="group" title="Group" typed={typed} options={groups} />
        </div>
      </details>
      <p class="soft">
        With all settings:{' '}
        {KIND_NAMES.map((kind, index) => (
          <>
            {index > 0 && ' · '}
            <a href={`/admin/hosts/new?kind=${kind}`}>{kindTitle(kind)}</a>
          </>
        ))}
      </p>
      {cost && (
        <p class="hint">
          {oneMoreWords(cost)} <a href="/admin/usage">Usage</a>
        </p>
      )}
      <div data-try-here />
    </form>
  );
}

function HostRow({ host }: { host: HostModel }) {
  const shown = host.paused ? 'paused' : host.status;
  const rttUs = lowestRtt(host);
  const [first] = host.checks;
  const kinds =
    host.checks.length === 1 && first
      ? [kindTitle(first.kind), shownTarget(first.kind, first.target)].filter(Boolean).join(' · ')
      : host.checks.map(checkName).join(', ');
  return (
    <li id={`host-${host.id}`} data-status={shown} data-name={host.name}>
      <Shape of={shown} />
      <div class="what">
        <h3>
          <a href={`/admin/hosts/${host.id}`}>{host.name}</a>
        </h3>
        <p class="soft">{kinds || count(0, 'check')}</p>
      </div>
      <p class="how">
        <strong class={shown}>{statusWord(shown)}</strong>
        {rttUs !== null && !host.paused && <span class="rtt"> {humanRtt(rttUs)}</span>}
        <span class="soft">{host.paused ? '' : whoSees(host)}</span>
      </p>
      <div class="deeds">
        <form method="post" action={`/admin/hosts/${host.id}/pause`}>
          <input type="hidden" name="paused" value={host.paused ? '' : 'yes'} />
          <button
            type="submit"
            class="quiet"
            aria-label={`${host.paused ? 'Resume' : 'Pause'} ${host.name}`}
          >
            {host.paused ? 'Resume' : 'Pause'}
          </button>
        </form>
        <a class="button quiet" href={`/admin/hosts/${host.id}`} aria-label={`Edit ${host.name}`}>
          Edit
        </a>
      </div>
    </li>
  );
}

/** Deleting a host, wherever it is offered. */
export function DeleteHost({ id, name }: { id: number; name: string }) {
  return (
    <Confirm action={`/admin/hosts/${id}/delete`} verb="Delete host">
      {name} and its checks are no longer watched. This cannot be undone.
    </Confirm>
  );
}
