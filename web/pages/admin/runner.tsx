// `/admin/runners/:id`: how one runner is, and what can be done with it.
import { VERSION } from '#core/version.ts';
import type {
  CanaryModel,
  RunnerHealthModel,
  RunnerModel,
  UnableModel,
} from '../../adminModels.ts';
import { bytes, exactly } from '../../amounts.ts';
import { NOTHING_TYPED, type Typed } from '../../form/errors.ts';
import type { Site } from '../../models.ts';
import { Command } from '../../parts/command.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Facts } from '../../parts/facts.tsx';
import { ErrorSummary, TextField } from '../../parts/field.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import {
  cpuWords,
  deadmanWords,
  latenessWords,
  rejectedWords,
  skewWords,
  standingWords,
  versionWords,
} from '../../runnerWords.ts';
import { checkName, count } from '../../words.ts';
import { AdminFrame } from './frame.tsx';

export interface RunnerPageProps {
  site: Site;
  runner: RunnerModel;
  /** How many checks it is given. */
  checks: number;
  /** Those of them that it cannot measure. */
  unable: readonly UnableModel[];
  /** Names of the locations there are. */
  locations: readonly string[];
  said?: string | null;
  typed?: Typed;
}

export function RunnerPage(props: RunnerPageProps) {
  const { site, runner, checks, unable, locations, said = null, typed = NOTHING_TYPED } = props;
  const { shape } = standingWords(runner);
  return (
    <AdminFrame site={site} place="/admin/runners" title={runner.name} said={said}>
      <p class="crumbs">
        <a href="/admin/runners">Runners</a>
      </p>
      <h1>{runner.name}</h1>
      <div id="runner" class="stack" data-refresh={site.refreshS}>
        <p class="lead">
          <Shape of={shape} /> {runner.sentence}
        </p>
        <section class="card form">
          <h2>How it is</h2>
          <State runner={runner} checks={checks} />
        </section>
        {unable.length > 0 && <Unable checks={unable} />}
        {runner.health !== null && <Canaries canaries={runner.health.canaries} />}
      </div>
      {runner.status !== 'revoked' && <Deeds runner={runner} locations={locations} typed={typed} />}
    </AdminFrame>
  );
}

function State({ runner, checks }: Pick<RunnerPageProps, 'runner' | 'checks'>) {
  const { health, lastSeenAt, location, enrolledAt } = runner;
  return (
    <Facts
      facts={[
        ['Last seen', lastSeenAt === null ? 'never' : <Time at={lastSeenAt} relative />],
        ['Location', location ?? 'none yet'],
        ['Checks', count(checks, 'check')],
        ['Version', versionWords(runner.version, VERSION)],
        ...(health === null ? [] : measured(health)),
        ...abilities(runner),
        ['Dead-man', deadmanWords(runner)],
        ['Joined', <Time at={enrolledAt} />],
      ]}
    />
  );
}

function measured(health: RunnerHealthModel) {
  const { oldestSpooledAt, rssBytes, spoolDepth } = health;
  const waiting = spoolDepth === 1 ? '1 result' : `${exactly(spoolDepth)} results`;
  return [
    ['Its clock', skewWords(health.skewMs)],
    ['Starts probes late by', latenessWords(health)],
    ['Skipped slots', exactly(health.skipped)],
    [
      'Waiting to be sent',
      oldestSpooledAt === null ? (
        waiting
      ) : (
        <>
          {waiting}, the oldest of <Time at={oldestSpooledAt} />
        </>
      ),
    ],
    ['Dropped', health.lost === 0 ? 'none' : count(health.lost, 'result')],
    ['Refused', rejectedWords(health)],
    ['Processor', cpuWords(health.cpu)],
    ['Memory', rssBytes === null ? 'not known' : bytes(rssBytes)],
  ] as const;
}

const ICMP_WAYS: Record<string, string> = { dgram: 'a ping socket', raw: 'a raw socket' };

function abilities({ capabilities: { icmp, icmpReason, ipv6, scripts } }: RunnerModel) {
  const cannot = `cannot: ${icmpReason ?? 'it did not say why'}`;
  return [
    ['Pings by', icmp === null ? cannot : (ICMP_WAYS[icmp] ?? icmp)],
    ['IPv6', ipv6 ? 'yes' : 'no'],
    ['Scripts', scripts.length > 0 ? scripts.join(', ') : 'none'],
  ] as const;
}

function Unable({ checks }: { checks: readonly UnableModel[] }) {
  return (
    <section class="card form">
      <h2>What it cannot measure</h2>
      <p class="soft">It says nothing of these checks; who else watches them decides.</p>
      <table class="says">
        <thead class="unseen">
          <tr>
            <th scope="col">Check</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {checks.map((each) => (
            <tr>
              <th scope="row">
                <a href={`/admin/hosts/${each.hostId}`}>{each.host}</a>{' '}
                {checkName({ ...each, name: each.check })}
              </th>
              <td class="why">
                {each.text}
                {each.mend && <p class="soft">{each.mend}</p>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What it looks at to know whether its own network works. */
function Canaries({ canaries }: { canaries: readonly CanaryModel[] }) {
  return (
    <section class="card form">
      <h2>Canaries</h2>
      <p class="soft">
        What it looks at to know whether its own network works. While none of them answers, what
        fails for it has no vote.
      </p>
      <table class="says">
        <thead class="unseen">
          <tr>
            <th scope="col">Canary</th>
            <th scope="col">Says</th>
            <th scope="col">Counts</th>
            <th scope="col">Last answer</th>
          </tr>
        </thead>
        <tbody>
          {canaries.map((canary) => (
            <tr>
              <th scope="row">{canary.name}</th>
              <td class="word">
                <Shape of={canary.ok ? 'up' : canary.counts ? 'down' : 'unknown'} />{' '}
                {canary.ok ? 'Answers' : 'Silent'}
              </td>
              <td class="why">{canary.counts ? '' : 'does not count: no answer in 24 hours'}</td>
              <td class="when">{canary.at !== null && <Time at={canary.at} relative />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Deeds({
  runner,
  locations,
  typed,
}: Pick<RunnerPageProps, 'runner' | 'locations'> & { typed: Typed }) {
  const at = `/admin/runners/${runner.id}`;
  const { status } = runner;
  const isOff = status === 'disabled';
  return (
    <>
      <form method="post" action={status === 'pending' ? `${at}/approve` : at} class="card form">
        <h2>{status === 'pending' ? 'Approve it' : 'Name and place'}</h2>
        <ErrorSummary typed={typed} fields={['name', 'location']} />
        <div class="pair">
          <TextField name="name" title="Name" typed={typed} value={runner.name} required />
          <TextField
            name="location"
            title="Location"
            typed={typed}
            value={runner.location ?? runner.askedLocation ?? ''}
            hint="several runners may share one; they then count as one"
            options={locations}
            required
          />
        </div>
        <div class="deeds">
          <button type="submit" class="primary">
            {status === 'pending' ? 'Approve' : 'Save'}
          </button>
          {status !== 'pending' && (
            <button
              type="submit"
              formaction={`${at}/${isOff ? 'enable' : 'disable'}`}
              formnovalidate
            >
              {isOff ? 'Enable' : 'Disable'}
            </button>
          )}
        </div>
      </form>
      <section class="card form">
        <h2>A new key</h2>
        <p class="soft">
          The key was made on that machine and never leaves it. To replace it, run this there, with
          the settings the runner has; it may go on running meanwhile and loses no result. The old
          key opens nothing from that moment.
        </p>
        <Command text="npm run runner -- --rotate-key" title="Command for a new key" />
      </section>
      <Confirm action={`${at}/revoke`} verb="Revoke runner">
        Its key opens nothing any more; to come back, {runner.name} has to be added anew.
      </Confirm>
    </>
  );
}
