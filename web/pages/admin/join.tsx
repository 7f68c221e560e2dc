// Shown once, in answer to "Show the command": how the new runner joins, and that it has.
import type { NewJoinCode, RunnerModel } from '../../adminModels.ts';
import type { Site } from '../../models.ts';
import { Command } from '../../parts/command.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import { AdminFrame } from './frame.tsx';

export interface JoinPageProps {
  site: Site;
  code: NewJoinCode;
  /** The newest runner there was when the code was made. */
  after: number;
}

export function JoinPage({ site, code, after }: JoinPageProps) {
  const { warning } = code;
  return (
    <AdminFrame site={site} place="/admin/runners" title="Add a runner">
      <p class="crumbs">
        <a href="/admin/runners">Runners</a>
      </p>
      <h1>Add a runner{code.location && ` in ${code.location}`}</h1>
      {warning && (
        <div class="said warn">
          <p>{warning.text}</p>
          <Command text={warning.command} title="Command to start Anyup so that others reach it" />
        </div>
      )}
      <section class="card form">
        <h2>Paste this on the other machine</h2>
        <p class="soft">
          In a checkout of Anyup. The code in it is shown only here, works{' '}
          {code.usesLeft === 1 ? 'once' : `${code.usesLeft} times`} and until{' '}
          <Time at={code.expiresAt} />.
        </p>
        <Command text={code.command} title="Command for a checkout" />
        <p class="soft">
          With <code>--host</code> behind it the runner also watches its own machine: processor,
          memory, disks, and that it is there at all.
        </p>
        <details>
          <summary>As a container</summary>
          <Command text={code.container} title="Command for a container" />
        </details>
      </section>
      <Arrival after={after} expiresAt={code.expiresAt} state={{ state: 'waiting' }} />
      <noscript>
        <p>
          <a class="button" href={arrivalAddress(after, code.expiresAt)}>
            Has it arrived?
          </a>
        </p>
      </noscript>
    </AdminFrame>
  );
}

export function arrivalAddress(after: number, expiresAt: number): string {
  return `/admin/runners/arrival?after=${after}&until=${expiresAt}`;
}

export type ArrivalState =
  | { state: 'waiting' }
  | { state: 'expired' }
  | { state: 'arrived'; runner: RunnerModel };

export interface ArrivalProps {
  after: number;
  expiresAt: number;
  state: ArrivalState;
}

/** Renews itself until the runner is there and has reported. */
export function Arrival({ after, expiresAt, state }: ArrivalProps) {
  const done =
    state.state === 'expired' || (state.state === 'arrived' && state.runner.lastSeenAt !== null);
  const again = done
    ? {}
    : { 'data-refresh': '2', 'data-refresh-from': arrivalAddress(after, expiresAt) };
  const words = arrivalWords(state);
  return (
    <section
      id="arrival"
      class={`card try ${done && state.state === 'arrived' ? 'up' : 'unknown'}`}
      aria-label="Arrival"
      {...again}
      data-said={state.state === 'waiting' ? undefined : words}
    >
      <p class="outcome">
        {done ? (
          <Shape of={state.state === 'arrived' ? 'up' : 'unknown'} />
        ) : (
          <span class="progress" aria-hidden="true" />
        )}
        <span>{words}</span>
      </p>
      {state.state === 'arrived' && (
        <p>
          <a class="button" href="/admin/runners">
            To the runners
          </a>
        </p>
      )}
    </section>
  );
}

function arrivalWords(state: ArrivalState): string {
  if (state.state === 'waiting') return 'Waiting for the runner …';
  if (state.state === 'expired')
    return 'The code has expired. Make a new one on the page of runners.';
  const { name, location, status, lastSeenAt } = state.runner;
  if (status === 'pending') return `${name} has arrived and waits for your approval.`;
  return lastSeenAt === null
    ? `${name} has arrived in ${location ?? 'no location'}; its first results are on the way …`
    : `${name} has arrived in ${location ?? 'no location'} and reports.`;
}

/** `/admin/runners/arrival`: the same as a page of its own. */
export function ArrivalPage({ site, ...props }: ArrivalProps & { site: Site }) {
  return (
    <AdminFrame
      site={site}
      place="/admin/runners"
      title="Add a runner"
      reloadS={props.state.state === 'waiting' ? 2 : undefined}
    >
      <p class="crumbs">
        <a href="/admin/runners">Runners</a>
      </p>
      <h1>Add a runner</h1>
      <Arrival {...props} />
    </AdminFrame>
  );
}
