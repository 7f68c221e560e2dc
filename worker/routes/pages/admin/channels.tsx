// Channels and the rules that say what they are told.
import { Hono } from 'hono';
import { errorsWithin, type Typed } from '#web/form/errors.ts';
import { describeFields, readFields } from '#web/form/fields.ts';
import { ChannelEditPage, ChannelsPage } from '#web/pages/admin/channels.tsx';
import { createChannel } from '#worker/actions/channels/create.ts';
import { listChannels } from '#worker/actions/channels/list.ts';
import type { ChannelModel } from '#worker/actions/channels/model.ts';
import { removeChannel } from '#worker/actions/channels/remove.ts';
import { testChannel } from '#worker/actions/channels/test.ts';
import { updateChannel } from '#worker/actions/channels/update.ts';
import { listHosts } from '#worker/actions/hosts/list.ts';
import { createRule } from '#worker/actions/rules/create.ts';
import { listRules } from '#worker/actions/rules/list.ts';
import { removeRule } from '#worker/actions/rules/remove.ts';
import { CHANNEL_KINDS, CHANNELS, isChannelKind } from '#worker/notify/index.ts';
import type { AppContext, Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { actorOf, done, placeOf, saidIn } from '../context.ts';
import { type Form, orAgain, readForm } from '../form.ts';

export const channelPages = new Hono<Env>();

const HERE = '/admin/channels';
const KINDS = CHANNEL_KINDS.map((kind) => ({ kind, title: CHANNELS[kind].title }));

channelPages.get('/channels', async (c) => {
  const actor = actorOf(c);
  const { site } = await placeOf(c);
  const [channels, rules] = await Promise.all([
    listChannels(c.env, actor, {}),
    listRules(c.env, actor, {}),
  ]);
  return c.html(
    <ChannelsPage site={site} channels={channels} rules={rules} kinds={KINDS} said={saidIn(c)} />,
  );
});

channelPages.get('/channels/new', (c) => newPage(c, c.req.query('kind') ?? ''));

channelPages.post('/channels/new', async (c) => {
  const form = await readForm(c);
  const kind = form.values.kind ?? '';
  return orAgain(
    form,
    async () => {
      const { id } = await createChannel(c.env, actorOf(c), {
        kind,
        name: form.values.name ?? '',
        settings: settingsIn(kind, form),
      });
      return done(c, `${HERE}/${id}`, 'channel.created');
    },
    (typed) => newPage(c, kind, about(typed)),
  );
});

channelPages.get('/channels/:id{[0-9]+}', (c) => editPage(c));

channelPages.post('/channels/:id{[0-9]+}', async (c) => {
  const form = await readForm(c);
  const { id, kind } = await channelOf(c);
  return orAgain(
    form,
    async () => {
      await updateChannel(c.env, actorOf(c), {
        id,
        name: form.values.name ?? '',
        enabled: form.text('enabled') !== undefined,
        settings: { ...emptied(kind), ...settingsIn(kind, form) },
      });
      return done(c, `${HERE}/${id}`, 'channel.updated');
    },
    (typed) => editPage(c, { typed: about(typed) }),
  );
});

channelPages.post('/channels/:id{[0-9]+}/test', async (c) => {
  const sent = await testChannel(c.env, actorOf(c), { id: c.req.param('id') });
  const words = sent.ok
    ? `The test arrived. Receipt: ${sent.receipt ?? 'none given'} (delivery ${sent.deliveryId}).`
    : `The test did not arrive: ${sent.error ?? 'no reason given'} (delivery ${sent.deliveryId}).`;
  return editPage(c, { receipt: { ok: sent.ok, words } });
});

channelPages.get('/channels/:id{[0-9]+}/test', (c) =>
  c.redirect(`${HERE}/${c.req.param('id')}`, 303),
);

channelPages.post('/channels/:id{[0-9]+}/delete', async (c) => {
  await removeChannel(c.env, actorOf(c), { id: c.req.param('id') });
  return done(c, HERE, 'channel.removed');
});

channelPages.post('/rules', async (c) => {
  const form = await readForm(c);
  const groups = form.many('groups');
  const { channelId } = await createRule(c.env, actorOf(c), {
    channelId: Number(form.values.channelId),
    match: groups.length > 0 ? { groups } : {},
    from: form.values.from ?? '',
    fleet: form.text('fleet') !== undefined,
  });
  return done(c, `${HERE}/${channelId}#rules`, 'rule.created');
});

channelPages.post('/rules/:id{[0-9]+}/delete', async (c) => {
  const { text } = await readForm(c);
  await removeRule(c.env, actorOf(c), { id: c.req.param('id') });
  return done(c, `${HERE}/${Number(text('channel') ?? 0)}#rules`, 'rule.removed');
});

/** A setting whose field was emptied is taken away; an empty secret means that what is stored stays. */
function emptied(kind: string): Record<string, null> {
  if (!isChannelKind(kind)) return {};
  const open = describeFields(CHANNELS[kind].schema).filter(({ secret }) => !secret);
  return Object.fromEntries(open.map(({ name }) => [name, null]));
}

/** What was typed; empty fields are left out. */
function settingsIn(kind: string, form: Form): Record<string, unknown> {
  return isChannelKind(kind) ? readFields(describeFields(CHANNELS[kind].schema), form.values) : {};
}

function about({ values, errors }: Typed): Typed {
  return { values, errors: errorsWithin(errors, 'settings') };
}

async function channelOf(c: AppContext): Promise<ChannelModel> {
  const id = Number(c.req.param('id'));
  const channels = await listChannels(c.env, actorOf(c), {});
  const found = channels.find((each) => each.id === id);
  if (!found) throw new Problem('not_found', { detail: 'There is no such channel.' });
  return found;
}

async function newPage(c: AppContext, kind: string, typed?: Typed): Promise<Response> {
  if (!isChannelKind(kind)) throw new Problem('not_found', { detail: 'There is no such kind.' });
  const { site } = await placeOf(c);
  const { title, schema } = CHANNELS[kind];
  const page = (
    <ChannelEditPage
      site={site}
      kind={{ kind, title }}
      fields={describeFields(schema)}
      {...(typed && { typed })}
    />
  );
  return c.html(page, typed ? 400 : 200);
}

interface Beside {
  typed?: Typed;
  receipt?: { ok: boolean; words: string };
}

async function editPage(c: AppContext, beside: Beside = {}): Promise<Response> {
  const actor = actorOf(c);
  const channel = await channelOf(c);
  const { kind } = channel;
  if (!isChannelKind(kind)) throw new Problem('not_found', { detail: `No channel is a ${kind}.` });
  const { site } = await placeOf(c);
  const [rules, hosts] = await Promise.all([
    listRules(c.env, actor, {}),
    listHosts(c.env, actor, {}),
  ]);
  const { title, schema } = CHANNELS[kind];
  const page = (
    <ChannelEditPage
      site={site}
      kind={{ kind, title }}
      fields={describeFields(schema)}
      channel={channel}
      rules={rules.filter(({ channelId }) => channelId === channel.id)}
      groups={[...new Set(hosts.map(({ group }) => group).filter(Boolean))]}
      said={saidIn(c)}
      {...beside}
    />
  );
  return c.html(page, beside.typed ? 400 : 200);
}
