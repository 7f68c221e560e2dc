// A host and its first check, with everything that can be set.
import { Hono } from 'hono';
import { HERE_NAME } from '#core/assign.ts';
import { isKind } from '#core/checks/index.ts';
import { readCheck } from '#web/form/check.ts';
import { errorsWithin, type Typed } from '#web/form/errors.ts';
import { NewHostPage } from '#web/pages/admin/newHost.tsx';
import type { Places } from '#web/parts/checkFields.tsx';
import { createHost } from '#worker/actions/hosts/create.ts';
import { listLocations } from '#worker/actions/locations/list.ts';
import { listRunners } from '#worker/actions/runners/list.ts';
import { getSettings } from '#worker/actions/settings/get.ts';
import type { AppContext, Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { actorOf, done, placeOf } from '../context.ts';
import { orAgain, readForm } from '../form.ts';

export const newHostPages = new Hono<Env>();

newHostPages.get('/', (c) => page(c, c.req.query('kind') ?? ''));

newHostPages.post('/', async (c) => {
  const form = await readForm(c);
  const { kind = '', hostName = '', group = '' } = form.values;
  return orAgain(
    form,
    async () => {
      const checks = [readCheck(kind, form.values, form.many)];
      const { host } = await createHost(c.env, actorOf(c), { name: hostName, group, checks });
      return done(c, `/admin/hosts/${host.id}`, 'host.created');
    },
    ({ values, errors }) => {
      const told = errorsWithin(errors, 'checks[0]').map((error, index) =>
        errors[index]?.path === 'name' ? { ...error, path: 'hostName' } : error,
      );
      return page(c, kind, { values, errors: told });
    },
  );
});

/** What a check's form offers to choose from. */
export async function placesOf(c: AppContext): Promise<Places> {
  const [locations, runners, { fromWorker }] = await Promise.all([
    listLocations(c.env, actorOf(c), {}),
    listRunners(c.env, actorOf(c), {}),
    getSettings(c.env, actorOf(c), {}),
  ]);
  const names = locations.map(({ name }) => name).filter((name) => name !== HERE_NAME);
  return {
    locations: fromWorker ? [...names, HERE_NAME] : names,
    runners: runners.filter(({ status }) => status !== 'revoked'),
    onlyHere:
      fromWorker && !runners.some(({ status, location }) => status === 'active' && location),
  };
}

async function page(c: AppContext, kind: string, typed?: Typed): Promise<Response> {
  if (!isKind(kind)) throw new Problem('not_found', { detail: 'There is no such kind of check.' });
  const { site } = await placeOf(c);
  const places = await placesOf(c);
  const html = <NewHostPage site={site} kind={kind} places={places} {...(typed && { typed })} />;
  return c.html(html, typed ? 400 : 200);
}
