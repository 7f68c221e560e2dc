// `/admin/runners`: who measures, from where, and the one command that adds another.
import { VERSION } from '#core/version.ts';
import type { JoinCode, JoinPolicy, LocationRow, RunnerModel } from '../../adminModels.ts';
import { exactly } from '../../amounts.ts';
import { NOTHING_TYPED, type Typed } from '../../form/errors.ts';
import type { Site } from '../../models.ts';
import { ChoiceField, ErrorSummary, TextField } from '../../parts/field.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import { rejectedWords, standingWords, versionWords } from '../../runnerWords.ts';
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
  joinPolicy: JoinPolicy;
  /** The worker itself looks at targets. */
  fromWorker: boolean;
  /** The worker itself was not there; null = it was. */
  deaf: { sinceAt: number; untilAt: number } | null;
  typed?: Typed;
}

export function RunnersPage(props: RunnersPageProps) {
  const {
    site,
    runners,
    locations,
    codes,
    typed = NOTHING_TYPED,
    joinPolicy,
    deaf,
    ...shown
  } = props;
  const names = locations.map(({ name }) => name);
  const present = runners.filter(({ status }) => status !== 'revoked');
  return (
    <AdminFrame site={site} place="/admin/runners" title="Runners" {...shown}>
      <h1>Runners</h1>
      {deaf !== null && (
        <p class="said warn">
          Anyup itself was not running from <Time at={deaf.sinceAt} /> on. Until{' '}
          <Time at={deaf.untilAt} /> nobody is called silent for it, and nothing runs out.
        </p>
      )}
      <section class="group">
        <h2 class="unseen">All runners</h2>
        {present.length === 0 && (
          <p class="soft">
            {props.fromWorker
              ? 'No runner yet: only the worker itself looks, at what names it.'
              : 'No runner yet: nothing is measured until one is added.'}
          </p>
        )}
        <ul class="card rows runners" id="runners" data-refresh={site.refreshS}>
          {present.map((runner) => (
            <Runner runner={runner} />
          ))}
        </ul>
        <datalist id="places">
          {names.map((each) => (
            <option value={each} />
          ))}
        </datalist>
      </section>
      <form method="post" action="/admin/runners/join" class="card form">
        <h2>Add a runner</h2>
        <p class="soft">
          A runner is a small process on another machine. You get one command to paste there; it
          brings its own key and needs no open port.
        </p>
        <ErrorSummary typed={typed} fields={['name', 'location']} />
        <div class="pair">
          <TextField name="name" title="Name" typed={typed} placeholder="the machine's name" />
          <TextField
            name="location"
            title="Location"
            typed={typed}
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
      <Policy chosen={joinPolicy} />
      {locations.length > 0 && <Locations locations={locations} />}
    </AdminFrame>
  );
}

/** Healthy ones take two lines; what is not so says so, with what can be done. */
function Runner({ runner }: { runner: RunnerRow }) {
  const { shape, word } = standingWords(runner);
  const { icmp, icmpReason } = runner.capabilities;
  const at = `/admin/runners/${runner.id}`;
  const { health, standing } = runner;
  return (
    <li id={`runner-${runner.id}`} data-status={word.toLowerCase()} data-name={runner.name}>
      <Shape of={shape} />
      <div class="what">
        <h3>
          <a href={at}>{runner.name}</a>
        </h3>
        <p class="soft">
          {runner.location ?? 'not placed'} · {count(runner.checks, 'check')} · version{' '}
          {versionWords(runner.version, VERSION)}
          {runner.deadmanRank !== null && ` · dead-man, rank ${runner.deadmanRank}`}
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
      <div class="besides">
        {standing !== 'reports' && standing !== 'unheard' && <p>{runner.sentence}</p>}
        {health !== null && health.spoolDepth > BUSY && (
          <p>{exactly(health.spoolDepth)} results wait to be sent.</p>
        )}
        {health !== null && health.rejected.count > 0 && <p>Refused: {rejectedWords(health)}.</p>}
        {icmp === null && <p>Cannot ping: {icmpReason ?? 'it did not say why'}.</p>}
        {(standing === 'waits' || standing === 'unplaced') && <Place runner={runner} at={at} />}
      </div>
    </li>
  );
}

/** More than this waiting is worth a line: a flush or two of a large runner lie below it. */
const BUSY = 2000;

/** Where it stands, for the owner to say or to agree to. */
function Place({ runner, at }: { runner: RunnerRow; at: string }) {
  const isWaiting = runner.standing === 'waits';
  return (
    <form method="post" action={isWaiting ? `${at}/approve` : at} class="inline">
      <input type="hidden" name="name" value={runner.name} />
      <div class="field">
        <label>
          <span>Location of {runner.name}</span>
          <input
            name="location"
            value={runner.askedLocation ?? ''}
            list="places"
            autocomplete="off"
            required
          />
        </label>
      </div>
      <button type="submit" class="primary">
        {isWaiting ? 'Approve' : 'Place'}
      </button>
    </form>
  );
}

/** Who may join without a code. */
function Policy({ chosen }: { chosen: JoinPolicy }) {
  return (
    <form method="post" action="/admin/runners/policy" class="card form">
      <h2>Who may join</h2>
      <ChoiceField
        name="joinPolicy"
        title="A new runner"
        typed={NOTHING_TYPED}
        value={chosen}
        choices={[
          ['code', 'needs a join code'],
          ['ask', 'may ask without one, and waits for approval'],
          ['auto', 'joins at once, without a vote until it has a location'],
        ]}
      />
      <p class="soft">
        Without a code a runner is given the address alone: npm run runner -- --url {'<address>'}.
        At most 20 may wait for a place.
      </p>
      <button type="submit">Save</button>
    </form>
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
        {locations.map(({ id, name, enabled, tags, runners }) => (
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
              <form method="post" action={`/admin/locations/${id}/tags`} class="tagging">
                <input
                  name="tags"
                  value={tags.join(', ')}
                  placeholder="tags: eu, office"
                  aria-label={`Tags of ${name}, with commas between`}
                  autocomplete="off"
                />
                <button type="submit" class="quiet" aria-label={`Save tags of ${name}`}>
                  Save tags
                </button>
              </form>
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
