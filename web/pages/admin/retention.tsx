// `/admin/retention`: how long what is kept; what a shorter time takes away is said before it is done.
import { NOTHING_TYPED, type Typed } from '../../form/errors.ts';
import type { Site } from '../../models.ts';
import { ChoiceField, ErrorSummary, TextField } from '../../parts/field.tsx';
import { AdminFrame } from './frame.tsx';

export interface Retention {
  detail: string;
  hours: string;
  days: string;
  hosts: ReadonlyArray<{ id: number; detail: string }>;
  gone: string | null;
}

export interface RetentionPageProps {
  site: Site;
  /** As it is; with `gone`, as it would be. */
  retention: Retention;
  hosts: ReadonlyArray<{ id: number; name: string }>;
  said?: string | null;
  typed?: Typed;
}

const PLACE = '/admin/retention';

export function RetentionPage(props: RetentionPageProps) {
  const { site, retention, hosts, said = null, typed = NOTHING_TYPED } = props;
  const nameOf = (id: number) => hosts.find((host) => host.id === id)?.name ?? `host ${id}`;
  return (
    <AdminFrame site={site} place="/admin/settings" title="How long history is kept" said={said}>
      <p class="crumbs">
        <a href="/admin/settings">Settings</a>
      </p>
      <h1>How long history is kept</h1>
      {retention.gone !== null && <Sure gone={retention.gone} values={typed.values} />}
      <form method="post" action={PLACE} class="card form">
        <ErrorSummary typed={typed} fields={['detail', 'hours', 'days']} />
        <TextField
          name="detail"
          title="Every reading"
          typed={typed}
          value={retention.detail}
          hint="1d to 340d; charts of minutes and exports reach as far"
        />
        <div class="pair">
          <TextField
            name="hours"
            title="Figures by the hour"
            typed={typed}
            value={retention.hours}
            hint="14d to 430d"
          />
          <TextField
            name="days"
            title="Figures by the day"
            typed={typed}
            value={retention.days}
            hint="31d to 800d; uptime reaches as far"
          />
        </div>
        <div class="pair">
          <ChoiceField
            name="host"
            title="Readings of one host"
            typed={typed}
            value=""
            choices={[['', 'as those of all'], ...hosts.map((host) => choiceOf(host))]}
          />
          <TextField
            name="own"
            title="… are kept for"
            typed={typed}
            placeholder="as those of all"
            hint="empty: as those of all again"
          />
        </div>
        <button type="submit" class="primary">
          Save
        </button>
      </form>
      {retention.hosts.length > 0 && (
        <section class="group">
          <h2>Hosts with a time of their own</h2>
          <ul class="card rows plain">
            {retention.hosts.map(({ id, detail }) => (
              <li>
                <p>
                  {nameOf(id)} <span class="soft">every reading for {detail}</span>
                </p>
              </li>
            ))}
          </ul>
        </section>
      )}
    </AdminFrame>
  );
}

function choiceOf({ id, name }: { id: number; name: string }): readonly [string, string] {
  return [String(id), name];
}

function Sure({ gone, values }: { gone: string; values: Typed['values'] }) {
  return (
    <form method="post" action={PLACE} class="said warn sure">
      <p>Nothing is changed yet. {gone}</p>
      {(['detail', 'hours', 'days', 'host', 'own'] as const).map((name) => (
        <input type="hidden" name={name} value={values[name] ?? ''} />
      ))}
      <p class="deeds">
        <button type="submit" class="danger solid" name="sure" value="yes">
          Shorten it
        </button>
        <a class="button quiet" href={PLACE}>
          Leave it as it is
        </a>
      </p>
    </form>
  );
}
