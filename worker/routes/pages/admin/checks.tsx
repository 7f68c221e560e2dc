// The checks of a host: add, edit, delete. The host is always written whole, so that one rule holds for both.
import { Hono } from 'hono';
import { isKind } from '#core/checks/index.ts';
import { readCheck } from '#web/form/check.ts';
import { errorsWithin, type Typed } from '#web/form/errors.ts';
import { CheckEditPage } from '#web/pages/admin/host.tsx';
import { renewAddress } from '#worker/actions/checks/renewAddress.ts';
import { setStatus } from '#worker/actions/checks/setStatus.ts';
import { getHost } from '#worker/actions/hosts/get.ts';
import type { HostModel } from '#worker/actions/hosts/model.ts';
import { updateHost } from '#worker/actions/hosts/update.ts';
import type { AppContext, Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { actorOf, done, placeOf } from '../context.ts';
import { type Form, orAgain, readForm } from '../form.ts';
import { placesOf } from './newHost.tsx';

export const checkPages = new Hono<Env>();

checkPages.get('/new', async (c) => checkPage(c, await hostOf(c), c.req.query('kind') ?? ''));

checkPages.post('/new', async (c) => {
  const form = await readForm(c);
  const host = await hostOf(c);
  const fresh = readCheck(form.values.kind ?? '', form.values, form.many);
  const kept = host.checks.map(({ id }) => ({ id }));
  return saved(c, form, host, [...kept, fresh], kept.length);
});

checkPages.get('/:checkId{[0-9]+}', async (c) => {
  const host = await hostOf(c);
  return checkPage(c, host, checkOf(c, host).kind);
});

checkPages.post('/:checkId{[0-9]+}', async (c) => {
  const form = await readForm(c);
  const host = await hostOf(c);
  const { id, kind } = checkOf(c, host);
  const paused = form.text('paused') !== undefined;
  const checks = host.checks.map((each) =>
    each.id === id
      ? { id, ...readCheck(kind, form.values, form.many, null), paused }
      : { id: each.id },
  );
  return saved(
    c,
    form,
    host,
    checks,
    host.checks.findIndex((each) => each.id === id),
  );
});

checkPages.post('/:checkId{[0-9]+}/delete', async (c) => {
  const host = await hostOf(c);
  const { id } = checkOf(c, host);
  const checks = host.checks.filter((each) => each.id !== id).map((each) => ({ id: each.id }));
  await updateHost(c.env, actorOf(c), { id: host.id, checks });
  return done(c, `/admin/hosts/${host.id}`, 'check.removed');
});

checkPages.post('/:checkId{[0-9]+}/status', async (c) => {
  const { values } = await readForm(c);
  const id = c.req.param('checkId');
  const [status, note] = [values[`status-${id}`], values[`note-${id}`]];
  await setStatus(c.env, actorOf(c), { id, status, note });
  return done(c, `/admin/hosts/${c.req.param('hostId')}`, 'check.set');
});

checkPages.post('/:checkId{[0-9]+}/address', async (c) => {
  await renewAddress(c.env, actorOf(c), { id: c.req.param('checkId') });
  return done(c, `/admin/hosts/${c.req.param('hostId')}`, 'check.renewed');
});

function hostOf(c: AppContext): Promise<HostModel> {
  return getHost(c.env, actorOf(c), { id: c.req.param('hostId') });
}

function checkOf(c: AppContext, { checks }: HostModel): HostModel['checks'][number] {
  const found = checks.find(({ id }) => id === Number(c.req.param('checkId')));
  if (!found) throw new Problem('not_found', { detail: 'This host has no such check.' });
  return found;
}

/** `index` is the check the form is about. */
async function saved(
  c: AppContext,
  form: Form,
  host: HostModel,
  checks: readonly unknown[],
  index: number,
): Promise<Response> {
  return orAgain(
    form,
    async () => {
      const { warnings } = await updateHost(c.env, actorOf(c), { id: host.id, checks });
      const said =
        warnings.length === 0
          ? 'check.updated'
          : warnings.some((each) => each.includes('own machine'))
            ? 'check.own_machine'
            : 'check.from_worker';
      return done(c, `/admin/hosts/${host.id}`, said);
    },
    ({ values, errors }) => {
      const typed = { values, errors: errorsWithin(errors, `checks[${index}]`) };
      const kind = host.checks[index]?.kind ?? form.values.kind ?? '';
      return checkPage(c, host, kind, typed);
    },
  );
}

async function checkPage(
  c: AppContext,
  host: HostModel,
  kind: string,
  typed?: Typed,
): Promise<Response> {
  if (!isKind(kind)) throw new Problem('not_found', { detail: 'There is no such kind of check.' });
  const { site } = await placeOf(c);
  const places = await placesOf(c);
  const page = (
    <CheckEditPage
      site={site}
      host={host}
      kind={kind}
      check={host.checks.find(({ id }) => id === Number(c.req.param('checkId')))}
      places={places}
      {...(typed && { typed })}
    />
  );
  return c.html(page, typed ? 400 : 200);
}
