// How long what is kept. What a shorter time takes away is said first.
import { Hono } from 'hono';
import type { Typed } from '#web/form/errors.ts';
import { RetentionPage } from '#web/pages/admin/retention.tsx';
import { readHosts } from '#worker/actions/hosts/read.ts';
import { changeRetention, getRetention } from '#worker/actions/retention/retention.ts';
import type { AppContext, Env } from '#worker/platform.ts';
import { actorOf, done, placeOf, saidIn } from '../context.ts';
import { type Form, orAgain, readForm } from '../form.ts';

export const retentionPages = new Hono<Env>();

const HERE = '/admin/retention';

retentionPages.get('/', (c) => page(c));

retentionPages.post('/', async (c) => {
  const form = await readForm(c);
  return orAgain(
    form,
    async () => {
      const wanted = wantedIn(form);
      const asked = await changeRetention(c.env, actorOf(c), { ...wanted, dryRun: true });
      if (asked.gone !== null && form.text('sure') === undefined) {
        return page(c, { values: form.values, errors: [] }, asked.gone);
      }
      await changeRetention(c.env, actorOf(c), wanted);
      return done(c, HERE, 'retention.updated');
    },
    (typed) => page(c, typed),
  );
});

function wantedIn(form: Form): Record<string, unknown> {
  const { detail, hours, days } = form.values;
  const host = form.text('host');
  return {
    detail,
    hours,
    days,
    ...(host !== undefined && { hosts: [{ id: host, detail: form.text('own') ?? null }] }),
  };
}

async function page(c: AppContext, typed?: Typed, gone: string | null = null): Promise<Response> {
  const { site } = await placeOf(c);
  const [retention, hosts] = await Promise.all([getRetention(c.env, actorOf(c)), readHosts(c.env)]);
  const html = (
    <RetentionPage
      site={site}
      retention={{ ...retention, gone }}
      hosts={hosts}
      said={saidIn(c)}
      {...(typed && { typed })}
    />
  );
  return c.html(html, typed && typed.errors.length > 0 ? 400 : 200);
}
