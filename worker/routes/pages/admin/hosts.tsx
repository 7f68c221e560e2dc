// Hosts: list, add, edit, pause, delete.
import { Hono } from 'hono';
import { KIND_NAMES, KINDS } from '#core/checks/index.ts';
import { readTags } from '#web/form/check.ts';
import type { Typed } from '#web/form/errors.ts';
import { found } from '#web/found.ts';
import { HostEditPage } from '#web/pages/admin/host.tsx';
import { HostsPage } from '#web/pages/admin/hosts.tsx';
import { createHost } from '#worker/actions/hosts/create.ts';
import { getHost } from '#worker/actions/hosts/get.ts';
import { removeHost } from '#worker/actions/hosts/remove.ts';
import { readTags as readTagsByHost } from '#worker/actions/hosts/tags.ts';
import { updateHost } from '#worker/actions/hosts/update.ts';
import { mayAct } from '#worker/actions/permit.ts';
import { getSettings } from '#worker/actions/settings/get.ts';
import { readOneMore } from '#worker/meter/oneMore.ts';
import type { AppContext, Env } from '#worker/platform.ts';
import { readStatus } from '#worker/status.ts';
import { actorOf, done, placeOf, saidIn } from '../context.ts';
import { type Form, orAgain, readForm } from '../form.ts';
import { answeredOf } from './answered.ts';

export const hostPages = new Hono<Env>();

/** Kinds a person may add, as the buttons name them. */
const KIND_TITLES = KIND_NAMES.map((kind) => [kind, KINDS[kind].title] as const);

const LONGEST_SEARCH = 200;

/** Of a check that says no other. */
const DEFAULT_INTERVAL_MS = 60_000;

hostPages.get('/', (c) => listPage(c));

hostPages.post('/', async (c) => {
  const form = await readForm(c);
  return orAgain(
    form,
    async () => {
      await createHost(c.env, actorOf(c), newHost(form));
      return done(c, '/admin/hosts', 'host.created');
    },
    (typed) => listPage(c, typed),
  );
});

hostPages.get('/:id{[0-9]+}', (c) => editPage(c));

hostPages.post('/:id{[0-9]+}', async (c) => {
  const form = await readForm(c);
  const id = c.req.param('id');
  return orAgain(
    form,
    async () => {
      const { name = '', group = '' } = form.values;
      const paused = form.text('paused') !== undefined;
      const tags = readTags(form.values.tags);
      await updateHost(c.env, actorOf(c), { id, name, group, tags, paused });
      return done(c, `/admin/hosts/${id}`, 'host.updated');
    },
    (typed) => editPage(c, typed),
  );
});

hostPages.post('/:id{[0-9]+}/pause', async (c) => {
  const paused = (await readForm(c)).text('paused') !== undefined;
  await updateHost(c.env, actorOf(c), { id: c.req.param('id'), paused });
  return done(c, '/admin/hosts', paused ? 'host.paused' : 'host.resumed');
});

hostPages.post('/:id{[0-9]+}/delete', async (c) => {
  await removeHost(c.env, actorOf(c), { id: c.req.param('id') });
  return done(c, '/admin/hosts', 'host.removed');
});

/** `{target}` alone, unless a try of it proposed a protocol for the script. */
function newHost(form: Form): Record<string, unknown> {
  const { target = '' } = form.values;
  const name = form.text('name');
  const group = form.text('group') ?? '';
  const protocol = form.text('protocol');
  if (protocol === undefined || form.text('protocolOf') !== target)
    return { target, group, ...(name !== undefined && { name }) };
  return {
    name: name ?? target.replace(/^script:/, ''),
    group,
    checks: [{ target, protocol }],
  };
}

async function listPage(c: AppContext, typed?: Typed): Promise<Response> {
  const { site } = await placeOf(c);
  const model = await readStatus(c.env, { reveal: true });
  const cost = await readOneMore(c.env, DEFAULT_INTERVAL_MS);
  const nobody = model.runners.active > 0 ? null : await whoElse(c);
  const words = c.req.query('q')?.trim().slice(0, LONGEST_SEARCH);
  const search = words
    ? { words, hosts: found(model.hosts, words, await readTagsByHost(c.env)) }
    : undefined;
  const shown = { site, model, search, cost, nobody, said: saidIn(c) };
  const page = <HostsPage {...shown} {...(typed && { typed })} />;
  return c.html(page, typed ? 400 : 200);
}

/** Where no runner is: can the worker look itself, and does it? */
async function whoElse(c: AppContext): Promise<{ offered: boolean; on: boolean }> {
  const { fromWorker } = await getSettings(c.env, actorOf(c), {});
  return {
    offered: c.env.outside !== undefined && mayAct(actorOf(c), 'owner'),
    on: fromWorker,
  };
}

async function editPage(c: AppContext, typed?: Typed): Promise<Response> {
  const host = await getHost(c.env, actorOf(c), { id: c.req.param('id') });
  const { site } = await placeOf(c);
  const model = await readStatus(c.env, { reveal: true });
  const page = (
    <HostEditPage
      site={site}
      host={host}
      status={model.hosts.find(({ id }) => id === host.id)}
      groups={[...new Set(model.hosts.map(({ group }) => group).filter(Boolean))]}
      kinds={KIND_TITLES}
      answered={answeredOf(host, model.hosts)}
      said={saidIn(c)}
      {...(typed && { typed })}
    />
  );
  return c.html(page, typed ? 400 : 200);
}
