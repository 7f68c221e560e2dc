// `/admin/channels`: where messages go, and which.
import type { ChannelModel, RuleModel } from '../../adminModels.ts';
import { NOTHING_TYPED, type Typed } from '../../form/errors.ts';
import { type FieldSpec, shownValue } from '../../form/fields.ts';
import type { Site } from '../../models.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { ChoiceField, ErrorSummary, SpecField, TextField, Tick } from '../../parts/field.tsx';
import { Shape } from '../../parts/shape.tsx';
import { AdminFrame } from './frame.tsx';

export interface KindWords {
  kind: string;
  title: string;
}

export interface ChannelsPageProps {
  site: Site;
  channels: readonly ChannelModel[];
  rules: readonly RuleModel[];
  kinds: readonly KindWords[];
  said?: string | null;
}

export function ChannelsPage({ site, channels, rules, kinds, ...shown }: ChannelsPageProps) {
  const titleOf = (kind: string) => kinds.find((each) => each.kind === kind)?.title ?? kind;
  return (
    <AdminFrame site={site} place="/admin/channels" title="Channels" {...shown}>
      <h1>Channels</h1>
      {channels.length === 0 ? (
        <p class="lead">Nobody is told yet. Add a channel, and send a test.</p>
      ) : (
        <ul class="card rows managed">
          {channels.map((channel) => (
            <li>
              <Shape of={channel.enabled ? 'up' : 'paused'} />
              <div class="what">
                <h2>
                  <a href={`/admin/channels/${channel.id}`}>{channel.name}</a>
                </h2>
                <p class="soft">{titleOf(channel.kind)}</p>
              </div>
              <p class="how">
                <strong>{channel.enabled ? 'On' : 'Off'}</strong>
                <span class="soft">
                  {rules
                    .filter(({ channelId }) => channelId === channel.id)
                    .map(ruleWords)
                    .join('; ') || 'no rule: it is told nothing'}
                </span>
              </p>
              <div class="deeds">
                <form method="post" action={`/admin/channels/${channel.id}/test`}>
                  <button type="submit" class="quiet" aria-label={`Send a test to ${channel.name}`}>
                    Send a test
                  </button>
                </form>
                <a
                  class="button quiet"
                  href={`/admin/channels/${channel.id}`}
                  aria-label={`Edit ${channel.name}`}
                >
                  Edit
                </a>
              </div>
            </li>
          ))}
        </ul>
      )}
      <p class="deeds">
        <span class="soft">Add:</span>
        {kinds.map(({ kind, title }) => (
          <a class="button" href={`/admin/channels/new?kind=${kind}`}>
            {title}
          </a>
        ))}
      </p>
    </AdminFrame>
  );
}

/** "everything from degraded on, and news of the runners" */
export function ruleWords({ match, from, fleet }: RuleModel): string {
  const groups = match.groups ?? [];
  const what =
    groups.length > 0
      ? groups.map((each) => each || 'hosts without a group').join(', ')
      : 'every host';
  const level = from === 'down' ? 'when down' : 'when degraded or down';
  return `${what} ${level}${fleet ? ', and news of the runners' : ''}`;
}

export interface ChannelEditProps {
  site: Site;
  kind: KindWords;
  fields: readonly FieldSpec[];
  /** Absent for a new one. */
  channel?: ChannelModel | undefined;
  rules?: readonly RuleModel[];
  groups?: readonly string[];
  typed?: Typed;
  said?: string | null;
  /** What came of the test that was just sent. */
  receipt?: { ok: boolean; words: string } | null;
}

export function ChannelEditPage(props: ChannelEditProps) {
  const { site, kind, fields, channel, typed = NOTHING_TYPED, said = null, receipt = null } = props;
  const title = channel?.name ?? `Add a channel: ${kind.title}`;
  return (
    <AdminFrame site={site} place="/admin/channels" title={title} said={said}>
      <p class="crumbs">
        <a href="/admin/channels">Channels</a>
      </p>
      <h1>{title}</h1>
      {receipt && (
        <p class={`said ${receipt.ok ? 'good' : 'bad'}`} role="status">
          <Shape of={receipt.ok ? 'up' : 'down'} /> {receipt.words}
        </p>
      )}
      <form method="post" action={`/admin/channels/${channel?.id ?? 'new'}`} class="card form">
        <input type="hidden" name="kind" value={kind.kind} />
        <h2>{kind.title}</h2>
        <ErrorSummary typed={typed} fields={['name', ...fields.map(({ name }) => name)]} />
        <TextField
          name="name"
          title="Name"
          typed={typed}
          value={channel?.name ?? kind.title}
          required
        />
        {fields.map((spec) => (
          <SpecField
            spec={spec}
            typed={typed}
            stored={channel?.hasSecrets ?? false}
            {...(channel && { value: shownValue(spec.control, channel.settings[spec.name]) })}
          />
        ))}
        {channel && (
          <Tick
            name="enabled"
            title="On"
            hint="when off, nothing is sent and nothing is kept for later"
            typed={typed}
            value={channel.enabled}
          />
        )}
        <div class="deeds">
          <button type="submit" class="primary">
            Save
          </button>
        </div>
      </form>
      {channel && (
        <>
          <form method="post" action={`/admin/channels/${channel.id}/test`} class="card form">
            <h2>Does it arrive?</h2>
            <p class="soft">A test goes out at once, and what the channel answers is shown here.</p>
            <button type="submit">Send a test</button>
          </form>
          <Rules channel={channel} rules={props.rules ?? []} groups={props.groups ?? []} />
          <Confirm action={`/admin/channels/${channel.id}/delete`} verb="Delete channel">
            {channel.name} is told nothing any more. Its deliveries stay on record.
          </Confirm>
        </>
      )}
    </AdminFrame>
  );
}

interface RulesProps {
  channel: ChannelModel;
  rules: readonly RuleModel[];
  groups: readonly string[];
}

function Rules({ channel, rules, groups }: RulesProps) {
  return (
    <section class="group" id="rules">
      <h2>What it is told</h2>
      <ul class="card rows plain">
        {rules.map((rule) => (
          <li>
            <p>{ruleWords(rule)}</p>
            <form method="post" action={`/admin/rules/${rule.id}/delete`}>
              <input type="hidden" name="channel" value={String(channel.id)} />
              <button type="submit" class="quiet" aria-label={`Delete rule: ${ruleWords(rule)}`}>
                Delete
              </button>
            </form>
          </li>
        ))}
        {rules.length === 0 && <li class="soft">Nothing: it has no rule.</li>}
      </ul>
      <details class="card form">
        <summary>Add a rule</summary>
        <form method="post" action="/admin/rules">
          <input type="hidden" name="channelId" value={String(channel.id)} />
          {groups.length > 0 && (
            <fieldset class="choices">
              <legend>Groups (none ticked = every host)</legend>
              <div class="ticks">
                {groups.map((group) => (
                  <Tick
                    name="groups"
                    sends={group}
                    title={group}
                    typed={NOTHING_TYPED}
                    value={false}
                  />
                ))}
              </div>
            </fieldset>
          )}
          <ChoiceField
            name="from"
            title="Told"
            typed={NOTHING_TYPED}
            choices={[
              ['down', 'when down'],
              ['degraded', 'when degraded or down'],
            ]}
          />
          <Tick
            name="fleet"
            title="News of the runners and of Anyup itself"
            typed={NOTHING_TYPED}
            value={true}
          />
          <button type="submit">Save rule</button>
        </form>
      </details>
    </section>
  );
}
