// `/admin/incidents/:id`: one incident and what runners saw when it began and ended. Only for who is signed in.
import { humanDuration } from '#core/duration.ts';
import { capital } from '#core/text.ts';
import type { Evidence } from '#core/wire/evidence.ts';
import type { EvidenceForm, IncidentForm } from '../../adminModels.ts';
import type { Site } from '../../models.ts';
import { Facts } from '../../parts/facts.tsx';
import { StatusText } from '../../parts/shape.tsx';
import { Time } from '../../parts/time.tsx';
import { count } from '../../words.ts';
import { AdminFrame } from './frame.tsx';

const DAY_MS = 86_400_000;

export interface IncidentPageProps {
  site: Site;
  incident: IncidentForm;
  asOf: number;
}

export function IncidentPage({ site, incident, asOf }: IncidentPageProps) {
  const { host, hostId, check, worst, openedAt, closedAt, text, evidence } = incident;
  const name = host === '' ? 'A removed host' : host;
  return (
    <AdminFrame site={site} place="/admin/hosts" title={`Incident of ${name}`}>
      <p class="crumbs">
        <a href="/history">History</a>
        {hostId !== null && (
          <>
            {' / '}
            <a href={`/admin/hosts/${hostId}`}>{host}</a>
          </>
        )}
      </p>
      <h1>
        {name} {worst} for {humanDuration(Math.max(0, (closedAt ?? asOf) - openedAt))}
      </h1>
      <div class="card check">
        <Facts
          facts={[
            ['From', <Time at={openedAt} />],
            ['Until', closedAt === null ? 'still open' : <Time at={closedAt} />],
            ['Check', check === '' ? null : check],
            ['Reason', text === '' ? null : text],
          ]}
        />
      </div>
      <section class="group">
        <h2>What runners saw</h2>
        {evidence.length === 0 && (
          <p class="soft">
            No runner sent evidence of this incident, or it is older than details are kept.
          </p>
        )}
        {evidence.map((pack) => (
          <Pack pack={pack} />
        ))}
      </section>
    </AdminFrame>
  );
}

function Pack({ pack }: { pack: EvidenceForm }) {
  const { turn, at, location, runner, level, text, code, seen } = pack;
  const { addresses, peer, chain, response, route } = seen;
  return (
    <article class="card check">
      <header>
        <h3>
          {location ?? 'A removed location'}: {turn === 'failure' ? 'first failure' : 'recovery'}
        </h3>
        <StatusText of={turn === 'recovery' ? 'up' : level < 300 ? 'degraded' : 'down'} />
      </header>
      <p class="soft">
        <Time at={at} /> · runner {runner ?? 'removed'}
      </p>
      <p>{text === '' ? (turn === 'recovery' ? 'All as expected.' : code) : capital(text)}</p>
      <Facts
        facts={[
          ['Resolved to', addresses.length === 0 ? null : addresses.join(', ')],
          ['Talked to', peer ?? (code.startsWith('connect.') ? 'nobody' : null)],
          ['Way there', route ? route.map((hop) => hop ?? '*').join(' → ') : null],
        ]}
      />
      {chain.length > 0 && <Chain chain={chain} at={at} />}
      {response && <Response response={response} />}
    </article>
  );
}

function Chain({ chain, at }: { chain: Evidence['chain']; at: number }) {
  return (
    <>
      <h4>Certificates</h4>
      <Facts
        facts={chain.map(({ subject, issuer, names, notAfterAt }) => [
          subject || '(nobody)',
          <>
            {daysLeft(notAfterAt - at)}, until <Time at={notAfterAt} />. Signed by{' '}
            {issuer === subject ? 'itself' : issuer}
            {names !== '' && <span class="soft"> for {names.replaceAll('DNS:', '')}</span>}
          </>,
        ])}
      />
    </>
  );
}

function daysLeft(ms: number): string {
  const days = Math.floor(Math.abs(ms) / DAY_MS);
  const words = days === 0 ? 'less than a day' : count(days, 'day');
  return ms > 0 ? `${capital(words)} left then` : `Ended ${words} before`;
}

const WITHHELD: Record<string, string> = {
  private:
    'not sent: it came from a private address, and the owner of the runner does not allow that',
  binary: 'not text',
  packed: 'compressed, though nobody asked for it',
  not_kept: 'not kept by the probe',
};

function Response({ response }: { response: NonNullable<Evidence['response']> }) {
  const { version, status, headers, body } = response;
  const head = [`${version} ${status}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return (
    <>
      <h4>Answer</h4>
      <pre>{head.join('\n')}</pre>
      {body === null && <p class="soft">No body.</p>}
      {body?.withheld !== undefined && (
        <p class="soft">
          The body, {count(body.bytes, 'byte')}: {WITHHELD[body.withheld]}.
        </p>
      )}
      {body?.text !== undefined && (
        <>
          <h4>
            Body <span class="soft">({count(body.bytes, 'byte')}, its beginning)</span>
          </h4>
          <pre>{body.text}</pre>
        </>
      )}
    </>
  );
}
