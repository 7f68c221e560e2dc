// Settings, tokens, and the record of who changed what.
import { Hono } from 'hono';
import { formatDuration } from '#core/duration.ts';
import {
  DATABASE_PLAN_NAMES,
  DATABASE_PLANS,
  WORKER_PLAN_NAMES,
  WORKER_PLANS,
} from '#core/meter/plans.ts';
import type { Typed } from '#web/form/errors.ts';
import { type PlanChoices, SettingsPage } from '#web/pages/admin/settings.tsx';
import { listAudit } from '#worker/actions/audit/list.ts';
import { mayAct } from '#worker/actions/permit.ts';
import { getSettings } from '#worker/actions/settings/get.ts';
import { updateSettings } from '#worker/actions/settings/update.ts';
import { createToken } from '#worker/actions/tokens/create.ts';
import { listTokens } from '#worker/actions/tokens/list.ts';
import { revokeToken } from '#worker/actions/tokens/revoke.ts';
import { readLookRoom } from '#worker/here/room.ts';
import { usualPlans } from '#worker/meter/plans.ts';
import type { AppContext, Env, Platform } from '#worker/platform.ts';
import { actorOf, done, placeOf, saidIn } from '../context.ts';
import { orAgain, readForm } from '../form.ts';

export const settingsPages = new Hono<Env>();

const HERE = '/admin/settings';

settingsPages.get('/settings', (c) => settingsPage(c));

settingsPages.post('/settings', async (c) => {
  const form = await readForm(c);
  return orAgain(
    form,
    async () => {
      await updateSettings(c.env, actorOf(c), {
        title: form.values.title ?? '',
        revealDetails: form.text('revealDetails') !== undefined,
        flush: form.text('flush') ?? null,
        planDatabase: form.text('planDatabase') ?? null,
        planWorker: form.text('planWorker') ?? null,
      });
      return done(c, HERE, 'settings.updated');
    },
    (typed) => settingsPage(c, { typed, about: 'settings' }),
  );
});

settingsPages.post('/settings/from-worker', async (c) => {
  const form = await readForm(c);
  const fromWorker = form.text('on') !== undefined;
  const next = form.text('next') === 'hosts' ? '/admin/hosts' : `${HERE}#from-worker`;
  await updateSettings(c.env, actorOf(c), { fromWorker });
  return done(c, next, fromWorker ? 'from_worker.on' : 'from_worker.off');
});

settingsPages.post('/tokens', async (c) => {
  const form = await readForm(c);
  return orAgain(
    form,
    async () => {
      const { name = '', scope = '' } = form.values;
      const newToken = await createToken(c.env, actorOf(c), { name, scope });
      return settingsPage(c, { newToken });
    },
    (typed) => settingsPage(c, { typed, about: 'token' }),
  );
});

settingsPages.get('/tokens', (c) => c.redirect(HERE, 303));

settingsPages.post('/tokens/:id{[0-9]+}/revoke', async (c) => {
  await revokeToken(c.env, actorOf(c), { id: c.req.param('id') });
  return done(c, HERE, 'token.revoked');
});

interface Beside {
  typed?: Typed;
  about?: 'settings' | 'token' | 'backup';
  newToken?: { name: string; token: string };
}

/** The page, with a form as it was sent when it was refused. */
export async function settingsPage(c: AppContext, beside: Beside = {}): Promise<Response> {
  const actor = actorOf(c);
  const { site } = await placeOf(c);
  const [settings, tokens, audit, room] = await Promise.all([
    getSettings(c.env, actor, {}),
    mayAct(actor, 'owner') ? listTokens(c.env, actor, {}) : [],
    mayAct(actor, 'owner') ? listAudit(c.env, actor, { limit: 30 }) : { entries: [] },
    readLookRoom(c.env),
  ]);
  const page = (
    <SettingsPage
      site={site}
      settings={settings}
      room={room}
      usualFlush={formatDuration(c.env.config.flushMs)}
      plans={planChoices(c.env)}
      tokens={tokens}
      audit={audit.entries}
      signIn={signInWords(c)}
      actor={actor.name}
      said={saidIn(c)}
      {...beside}
    />
  );
  return c.html(page, beside.typed ? 400 : 200);
}

/** The plans by title; first what holds when none is chosen. */
function planChoices(platform: Platform): PlanChoices {
  const usual = usualPlans(platform);
  const suggested = (title: string) => ['', `as suggested: ${title}`] as const;
  return {
    database: [
      suggested(DATABASE_PLANS[usual.database].title),
      ...DATABASE_PLAN_NAMES.map((name) => [name, DATABASE_PLANS[name].title] as const),
    ],
    worker: [
      suggested(WORKER_PLANS[usual.worker].title),
      ...WORKER_PLAN_NAMES.map((name) => [name, WORKER_PLANS[name].title] as const),
    ],
  };
}

function signInWords(c: AppContext): string {
  const standalone =
    'The access key is in data/secrets.json; npm run anyup link prints a link that signs in once.';
  return c.env.config.runtime === 'edge'
    ? 'The access key was printed by npm run deploy; it is kept as the secret ANYUP_ACCESS_KEY.'
    : standalone;
}
