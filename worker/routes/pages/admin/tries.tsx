// Trying a check before it is saved.
import { Hono } from 'hono';
import { HERE_NAME } from '#core/assign.ts';
import { inferTarget } from '#core/checks/index.ts';
import { kindFields, readCheck } from '#web/form/check.ts';
import type { Typed } from '#web/form/errors.ts';
import { HostsPage } from '#web/pages/admin/hosts.tsx';
import { TryPage } from '#web/pages/admin/try.tsx';
import { ProblemPage } from '#web/pages/problem.tsx';
import { TRY_HERE } from '#web/parts/tryOut.tsx';
import { kindTitle } from '#web/words.ts';
import { readTry } from '#worker/actions/checks/readTry.ts';
import { tryCheck } from '#worker/actions/checks/try.ts';
import { getHost } from '#worker/actions/hosts/get.ts';
import type { AppContext, Env } from '#worker/platform.ts';
import { readStatus } from '#worker/status.ts';
import { actorOf, placeOf } from '../context.ts';
import { type Form, orAgain, readForm } from '../form.ts';

export const tryPages = new Hono<Env>();

/** Of a host that is to be added: on to a page that carries what was typed in its address. */
tryPages.post('/', async (c) => {
  const form = await readForm(c);
  const { target = '', name = '', group = '' } = form.values;
  return orAgain(
    form,
    async () => {
      const { askId } = await tryCheck(c.env, actorOf(c), { target });
      const query = new URLSearchParams({ target, name, group });
      return c.redirect(`/admin/tries/${askId}?${query}`, 303);
    },
    (typed) => refusedHost(c, typed),
  );
});

/** Of a check that is being edited: its form stays open elsewhere. */
tryPages.post('/check', async (c) => {
  const form = await readForm(c);
  return orAgain(
    form,
    async () => {
      const input = await meant(c, form);
      const { askId } = await tryCheck(c.env, actorOf(c), input);
      return c.redirect(`/admin/tries/${askId}`, 303);
    },
    (typed) => refusedCheck(c, typed),
  );
});

/** What was typed, with the secrets that are stored where none was, from the runner that was chosen. */
async function meant(c: AppContext, form: Form): Promise<Record<string, unknown>> {
  const { kind = '', hostId, checkId, tryFrom = '' } = form.values;
  const input: Record<string, unknown> = readCheck(kind, form.values, form.many);
  if (hostId !== undefined) {
    const { checks } = await getHost(c.env, actorOf(c), { id: hostId });
    const stored = checks.find(({ id }) => id === Number(checkId));
    for (const { name, secret } of kindFields(kind)?.rest ?? []) {
      if (secret && stored?.kind === kind) input[name] ??= stored[name];
    }
  }
  if (tryFrom === '') return input;
  if (tryFrom === TRY_HERE) return { ...input, runner: null, locations: [HERE_NAME] };
  return { ...input, runner: Number(tryFrom), locations: 'all' };
}

tryPages.get('/:id{[A-Za-z0-9_-]+}', async (c) => {
  const model = await readTry(c.env, actorOf(c), { id: c.req.param('id') });
  const { site } = await placeOf(c);
  const { target, name = '', group = '' } = c.req.query();
  const host = target
    ? { target, kind: kindTitle(inferTarget(target)?.kind ?? ''), name, group }
    : null;
  const { pathname, search } = new URL(c.req.url);
  return c.html(<TryPage site={site} model={model} from={pathname + search} host={host} />);
});

async function refusedHost(c: AppContext, typed: Typed): Promise<Response> {
  const { site } = await placeOf(c);
  const model = await readStatus(c.env, { reveal: true });
  return c.html(<HostsPage site={site} model={model} typed={typed} />, 400);
}

/** Saving it would say the same at each field; here it is one page, since the form is still open. */
async function refusedCheck(c: AppContext, { errors }: Typed): Promise<Response> {
  const { site } = await placeOf(c);
  const detail = errors.map(({ path, message }) => `${path} ${message}`.trim()).join('; ');
  return c.html(
    <ProblemPage site={site} status={400} title="This cannot be tried yet" detail={`${detail}.`}>
      <p class="soft">The form you came from still holds what you typed.</p>
    </ProblemPage>,
    400,
  );
}
