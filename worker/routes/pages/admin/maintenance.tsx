// Planned work: announce it, change it, take it back.
import { Hono } from 'hono';
import type { Typed } from '#web/form/errors.ts';
import { MaintenancePage } from '#web/pages/admin/maintenance.tsx';
import { readHosts } from '#worker/actions/hosts/read.ts';
import { createMaintenance } from '#worker/actions/maintenances/create.ts';
import { listMaintenances } from '#worker/actions/maintenances/list.ts';
import { removeMaintenance } from '#worker/actions/maintenances/remove.ts';
import { updateMaintenance } from '#worker/actions/maintenances/update.ts';
import type { AppContext, Env } from '#worker/platform.ts';
import { actorOf, done, placeOf, saidIn } from '../context.ts';
import { type Form, orAgain, readForm } from '../form.ts';

export const maintenancePages = new Hono<Env>();

const HERE = '/admin/maintenance';

maintenancePages.get('/', (c) => page(c));

maintenancePages.post('/', async (c) => {
  const form = await readForm(c);
  return orAgain(
    form,
    async () => {
      await createMaintenance(c.env, actorOf(c), wantedIn(form));
      return done(c, HERE, 'maintenance.created');
    },
    (typed) => page(c, typed),
  );
});

maintenancePages.get('/:id{[0-9]+}', (c) => page(c));

maintenancePages.post('/:id{[0-9]+}', async (c) => {
  const form = await readForm(c);
  return orAgain(
    form,
    async () => {
      await updateMaintenance(c.env, actorOf(c), { id: c.req.param('id'), ...wantedIn(form) });
      return done(c, HERE, 'maintenance.updated');
    },
    (typed) => page(c, typed),
  );
});

maintenancePages.post('/:id{[0-9]+}/delete', async (c) => {
  await removeMaintenance(c.env, actorOf(c), { id: c.req.param('id') });
  return done(c, HERE, 'maintenance.removed');
});

function wantedIn(form: Form): Record<string, unknown> {
  const [groups, hosts] = [form.many('group'), form.many('host')];
  const from = instantOf(form.text('from'));
  return {
    title: form.values.title ?? '',
    note: form.values.note ?? '',
    groups: groups.length > 0 ? groups : null,
    hosts: hosts.length > 0 ? hosts : null,
    ...(from !== undefined && { from }),
    until: instantOf(form.text('until')) ?? '',
  };
}

/** A browser sends "2026-11-21T09:00", meant in UTC as the form says. */
function instantOf(text: string | undefined): string | undefined {
  return text && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?$/.test(text)
    ? `${text.replace(' ', 'T')}${text.length === 16 ? ':00' : ''}Z`
    : text;
}

/** The page; with an id in the address the form is for that one. */
async function page(c: AppContext, typed?: Typed): Promise<Response> {
  const { site } = await placeOf(c);
  const [maintenances, hosts] = await Promise.all([
    listMaintenances(c.env, actorOf(c), {}),
    readHosts(c.env),
  ]);
  const editing = maintenances.find(({ id }) => id === Number(c.req.param('id'))) ?? null;
  const html = (
    <MaintenancePage
      site={site}
      now={c.env.now()}
      maintenances={maintenances}
      hosts={hosts.map(({ id, name, group }) => ({ id, name, group }))}
      editing={editing}
      said={saidIn(c)}
      {...(typed && { typed })}
    />
  );
  return c.html(html, typed ? 400 : 200);
}
