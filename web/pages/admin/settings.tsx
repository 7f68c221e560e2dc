// `/admin/settings`: the page's title, who may read what, tokens, and who changed what.
import type { AuditModel, LookRoomModel, SettingsModel, TokenModel } from '../../adminModels.ts';
import { NOTHING_TYPED, type Typed } from '../../form/errors.ts';
import type { Site } from '../../models.ts';
import { Command } from '../../parts/command.tsx';
import { ChoiceField, ErrorSummary, TextField, Tick } from '../../parts/field.tsx';
import { LookRoomWords } from '../../parts/lookRoom.tsx';
import { Time } from '../../parts/time.tsx';
import { BackupSection } from './backup.tsx';
import { AdminFrame } from './frame.tsx';

type Choices = ReadonlyArray<readonly [name: string, title: string]>;

/** The plans there are; the one without a name is what the platform suggests. */
export interface PlanChoices {
  database: Choices;
  worker: Choices;
}

export interface SettingsPageProps {
  site: Site;
  settings: SettingsModel;
  /** Of the worker's own looks. */
  room: LookRoomModel;
  /** What the platform does when nothing is set: "15s". */
  usualFlush: string;
  plans: PlanChoices;
  tokens: readonly TokenModel[];
  audit: readonly AuditModel[];
  /** The words for how one signs in here. */
  signIn: string;
  actor: string;
  said?: string | null;
  /** Just made; shown this once. */
  newToken?: { name: string; token: string } | null;
  typed?: Typed;
  /** Which form the typed values are of. */
  about?: 'settings' | 'token' | 'backup';
}

export function SettingsPage(props: SettingsPageProps) {
  const { site, settings, tokens, audit, said = null, newToken = null } = props;
  const { typed = NOTHING_TYPED, about = 'settings' } = props;
  const of = (form: 'settings' | 'token' | 'backup') => (about === form ? typed : NOTHING_TYPED);
  return (
    <AdminFrame site={site} place="/admin/settings" title="Settings" said={said}>
      <h1>Settings</h1>
      {newToken && (
        <section class="said good" role="status">
          <p>
            The token {newToken.name} is made. Copy it now: it is not shown again, and Anyup keeps
            only its hash.
          </p>
          <Command text={newToken.token} title="The new token" />
        </section>
      )}
      <form method="post" action="/admin/settings" class="card form">
        <h2>Status page</h2>
        <ErrorSummary
          typed={of('settings')}
          fields={['title', 'flush', 'planDatabase', 'planWorker']}
        />
        <TextField
          name="title"
          title="Title"
          typed={of('settings')}
          value={settings.title}
          required
        />
        <Tick
          name="revealDetails"
          title="Show addresses and exact reasons to everyone"
          hint="without it, visitors who are not signed in read names and plain reasons only"
          typed={of('settings')}
          value={settings.revealDetails}
        />
        <TextField
          name="flush"
          title="Runners post every"
          typed={of('settings')}
          value={settings.flush ?? ''}
          placeholder={props.usualFlush}
          hint="changes are posted at once anyway; longer costs fewer requests"
        />
        <div class="pair" id="plans">
          <ChoiceField
            name="planDatabase"
            title="Plan of the database"
            hint="what Usage is compared with"
            typed={of('settings')}
            value={settings.planDatabase ?? ''}
            choices={props.plans.database}
          />
          <ChoiceField
            name="planWorker"
            title="Plan of the worker"
            typed={of('settings')}
            value={settings.planWorker ?? ''}
            choices={props.plans.worker}
          />
        </div>
        <button type="submit" class="primary">
          Save
        </button>
      </form>
      {props.room.possible && <FromWorker room={props.room} />}
      <section class="card form">
        <h2>History</h2>
        <p>
          Readings, and the figures made of them, are kept for a set time.{' '}
          <a href="/admin/retention">How long history is kept</a>
        </p>
      </section>
      <BackupSection typed={of('backup')} />
      <Tokens tokens={tokens} typed={of('token')} />
      <section class="card form">
        <h2>Signing in</h2>
        <p>
          You are {props.actor}. {props.signIn}
        </p>
      </section>
      <Audit entries={audit} />
    </AdminFrame>
  );
}

function FromWorker({ room }: { room: LookRoomModel }) {
  const { on } = room;
  return (
    <form method="post" action="/admin/settings/from-worker" class="card form" id="from-worker">
      <h2>This worker as a place</h2>
      <p>
        The worker can look at HTTP and TCP checks itself, once a minute, without any runner. It
        looks only at checks that name the location <b>This worker</b>, and only at public addresses
        {on ? '. ' : '. It is off. '}
        {on && <LookRoomWords room={room} />}
      </p>
      <input type="hidden" name="on" value={on ? '' : 'yes'} />
      <button type="submit" class={on ? '' : 'primary'}>
        {on ? 'Stop looking from here' : 'Look from this worker'}
      </button>
    </form>
  );
}

function Tokens({ tokens, typed }: { tokens: readonly TokenModel[]; typed: Typed }) {
  return (
    <section class="group" id="tokens">
      <h2>API tokens</h2>
      <ul class="card rows plain">
        {tokens.map((token) => (
          <li>
            <p>
              {token.name}
              <span class="soft">
                {' '}
                · {token.scope === 'write' ? 'reads and changes' : 'reads'} · made{' '}
                <Time at={token.createdAt} />
                {token.expiresAt !== null && (
                  <>
                    , until <Time at={token.expiresAt} />
                  </>
                )}
              </span>
            </p>
            <form method="post" action={`/admin/tokens/${token.id}/revoke`}>
              <button type="submit" class="quiet" aria-label={`Revoke ${token.name}`}>
                Revoke
              </button>
            </form>
          </li>
        ))}
        <li>
          <form method="post" action="/admin/tokens" class="inline">
            <TextField
              name="name"
              title="Name of a new token"
              typed={typed}
              placeholder="deploy-bot"
              required
            />
            <ChoiceField
              name="scope"
              title="It may"
              typed={typed}
              choices={[
                ['read', 'read'],
                ['write', 'read and change'],
              ]}
            />
            <button type="submit">Make a token</button>
          </form>
        </li>
      </ul>
    </section>
  );
}

function Audit({ entries }: { entries: readonly AuditModel[] }) {
  return (
    <section class="group">
      <h2>Who changed what</h2>
      {entries.length === 0 ? (
        <p class="soft">Nothing has been changed yet.</p>
      ) : (
        <ol class="card rows audit">
          {entries.map((entry) => (
            <li>
              <Time at={entry.at} />
              <span>
                <b>{entry.action}</b> {entry.subject}
                <span class="soft"> by {entry.actor}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
