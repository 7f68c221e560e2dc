// `/admin/runners`: who measures, from where, and the one command that adds another.
import type { JoinCode, LocationRow, RunnerModel } from '../../adminModels.ts';
import { NOTHING_TYPED, type Typed } from '../../form/errors.ts';
import type { Site } from '../../models.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { ErrorSummary, TextField } from '../../parts/field.tsx';
import { Shape, type ShapeName } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import { count } from '../../words.ts';
import { AdminFrame } from './frame.tsx';

export interface RunnerRow extends RunnerModel {
  /** How many checks it is given. */
  checks: number;
}

export interface RunnersPageProps {
  site: Site;
  runners: readonly RunnerRow[];
  locations: readonly LocationRow[];
  codes: readonly JoinCode[];
  said?: string | null;
  warnings?: readonly string[];
  typed?: Typed;
  /** Which runner's form the typed values belong to; absent = the one that adds. */
  editing?: number | undefined;
}

export function RunnersPage(props: RunnersPageProps) {
  const { site, runners, locations, codes, typed = NOTHING_TYPED, editing, ...shown } = props;
  const names = locations.map(({ name }) => name);
  const present = runners.filter(({ status }) => status !== 'revoked');
  return (
    <AdminFrame site={site} place="/admin/runners" title="Runners" {...shown}>
      <h1>Runners</h1>
      <section class="group">
        <h2 class="unseen">All runners</h2>
        {present.length === 0 && (
          <p class="soft">No runner yet: nothing is measured until one is added.</p>
        )}
        <ul class="card rows runners" id="runners" data-refresh={site.refreshS}>
          {present.map((runner) => (
            <Runner
              runner={runner}
              locations={names}
              typed={editing === runner.id ? typed : NOTHING_TYPED}
              open={editing === runner.id}
            />
          ))}
        </ul>
      </section>
      <form method="post" action="/admin/runners/join" class="card form">
        <h2>Add a runner</h2>
        <p class="soft">
          A runner is a small process on another machine. You get one command to paste there; it
          brings its own key and needs no open port.
        </p>
        {editing === undefined && <ErrorSummary typed={typed} fields={['name', 'location']} />}
        <div class="pair">
          <TextField
            name="name"
            title="Name"
            typed={editing === undefined ? typed : NOTHING_TYPED}
            placeholder="the machine's name"
          />
          <TextField
            name="location"
            title="Location"
            typed={editing === undefined ? typed : NOTHING_TYPED}
            placeholder="Home"
            hint="several runners may share one; they then count as one"
            options={names}
            required
          />
        </div>
        <button type="submit" class="primary">
          Show the command
        </button>
      </form>
      {codes.length > 0 && <Codes codes={codes} />}
      {locations.length > 0 && <Locations locations={locations} />}
    </AdminFrame>
  );
}

function standing(runner: RunnerModel): { shape: ShapeName; word: string } {
  if (runner.status === 'pending') return { shape: 'unknown', word: 'Waits for approval' };
  if (runner.status === 'disabled') return { shape: 'paused', word: 'Disabled' };
  if (runner.location === null) return { shape: 'unknown', word: 'Has no location yet' };
  if (runner.lastSeenAt === null) return { shape: 'unknown', word: 'Not heard yet' };
  return runner.silent ? { shape: 'down', word: 'Silent' } : { shape: 'up', word: 'Reports' };
}

const ICMP_WAYS: Record<string, string> = { dgram: 'a ping socket', raw: 'a raw socket' };

interface RunnerProps {
  runner: RunnerRow;
  locations: readonly string[];
  typed: Typed;
  open: boolean;
}

function Runner({ runner, locations, typed, open }: RunnerProps) {
  const { shape, word } = standing(runner);
  const at = `/admin/runners/${runner.id}`;
  const { icmp, icmpReason, ipv6, scripts } = runner.capabilities;
  return (
    <li id={`runner-${runner.id}`} data-status={word.toLowerCase()} data-name={runner.name}>
      <Shape of={shape} />
      <div class="what">
        <h3>{runner.name}</h3>
        <p class="soft">
          {runner.location ?? 'not placed'} · {count(runner.checks, 'check')} · version{' '}
          {runner.version}
        </p>
      </div>
      <p class="how">
        <strong class={shape}>{word}</strong>
        {runner.lastSeenAt !== null && (
          <span class="soft">
            last seen <Time at={runner.lastSeenAt} relative />
          </span>
        )}
      </p>
      <details id={`more-${runner.id}`} open={open}>
        <summary>
          {icmp === null ? 'Cannot ping' : `Pings by ${ICMP_WAYS[icmp] ?? icmp}`}
          {ipv6 ? ', has IPv6' : ', no IPv6'}
          {scripts.length > 0 && `, ${count(scripts.length, 'script')}`}
        </summary>
        {icmp === null && <p class="said warn">{icmpReason ?? 'It did not say why.'}</p>}
        {scripts.length > 0 && <p>Scripts: {scripts.join(', ')}</p>}
        {runner.status === 'pending' && (
          <form method="post" action={`${at}/approve`}>
            <button type="submit" class="primary">
              Approve
            </button>
          </form>
        )}
        <form method="post" action={at} class="form">
          <ErrorSummary typed={typed} fields={['name', 'location']} />
          <EditFields runner={runner} locations={locations} typed={typed} />
          <div class="deeds">
            <button type="submit">Save</button>
            {runner.status !== 'pending' && (
              <button
                type="submit"
                formaction={`${at}/${runner.status === 'disabled' ? 'enable' : 'disable'}`}
                formnovalidate
              >
                {runner.status === 'disabled' ? 'Enable' : 'Disable'}
              </button>
            )}
          </div>
        </form>
        <Confirm action={`${at}/revoke`} verb="Revoke runner">
          Its key opens nothing any more; to come back, {runner.name} has to be added anew.
        </Confirm>
      </details>
    </li>
  );
}

/** Ids must differ over the page, so these are labelled by enclosing. */
function EditFields({ runner, locations, typed }: Omit<RunnerProps, 'open'>) {
  const error = (name: string) => typed.errors.find(({ path }) => path === name)?.message;
  return (
    <div class="pair">
      {(['name', 'location'] as const).map((name) => (
        <div class={error(name) ? 'field wrong' : 'field'}>
          <label>
            <span>{name === 'name' ? 'Name' : 'Location'}</span>
            <input
              name={name}
              value={typed.values[name] ?? runner[name] ?? ''}
              autocomplete="off"
              list={name === 'location' ? `places-${runner.id}` : undefined}
            />
          </label>
          {error(name) && <p class="error">{error(name)}</p>}
        </div>
      ))}
      <datalist id={`places-${runner.id}`}>
        {locations.map((each) => (
          <option value={each} />
        ))}
      </datalist>
    </div>
  );
}

function Codes({ codes }: { codes: readonly JoinCode[] }) {
  return (
    <section class="group">
      <h2>Open join codes</h2>
      <ul class="card rows plain">
        {codes.map((code) => (
          <li>
            <p>
              {code.name ?? 'any name'}
              <span class="soft">
                {' '}
                · {code.location ?? 'any location'} · {count(code.usesLeft, 'use')} left, until{' '}
                <Time at={code.expiresAt} />
              </span>
            </p>
            <form method="post" action="/admin/runners/join/revoke">
              <input type="hidden" name="id" value={code.id} />
              <button type="submit" class="quiet">
                Withdraw
              </button>
            </form>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Locations({ locations }: { locations: readonly LocationRow[] }) {
  return (
    <section class="group">
      <h2>Locations</h2>
      <ul class="card rows plain">
        {locations.map(({ id, name, enabled, runners }) => (
          <li>
            <p>
              {name}
              <span class="soft">
                {' '}
                · {enabled ? '' : 'disabled, has no vote · '}
                {runners.length > 0 ? runners.join(', ') : 'no runner'}
              </span>
            </p>
            <div class="deeds">
              <form method="post" action={`/admin/locations/${id}`}>
                <input type="hidden" name="enabled" value={enabled ? '' : 'yes'} />
                <button
                  type="submit"
                  class="quiet"
                  aria-label={`${enabled ? 'Disable' : 'Enable'} ${name}`}
                >
                  {enabled ? 'Disable' : 'Enable'}
                </button>
              </form>
              {runners.length === 0 && (
                <form method="post" action={`/admin/locations/${id}/delete`}>
                  <button type="submit" class="quiet" aria-label={`Delete ${name}`}>
                    Delete
                  </button>
                </form>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
