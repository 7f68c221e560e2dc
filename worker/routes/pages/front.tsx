// What anyone may see without a question to the database: the status page and the badges.
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { Badge } from '#web/badge.tsx';
import { StatusPage } from '#web/pages/status.tsx';
import { shownStatus } from '#web/words.ts';
import { identifyIfPossible } from '#worker/auth/middleware.ts';
import type { AppContext, Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { readDays, withDays } from '#worker/snapshot/days.ts';
import { readPage } from '#worker/snapshot/read.ts';
import { readStatus } from '#worker/status.ts';
import { answerKept, keepForNobody } from '../kept.ts';
import { placeOf, siteOf } from './context.ts';

export const front = new Hono<Env>();

front.get('/', identifyIfPossible, etag(), async (c) => {
  if (c.var.actor) return liveStatusPage(c);
  const page = await readPage(c.env);
  const { title, stale } = page;
  const model = withDays(page.model, page.days);
  const site = siteOf(c, title);
  const kind = { name: 'page', type: 'text/html; charset=UTF-8' };
  return answerKept(c, page, kind, () =>
    (<StatusPage site={site} model={model} stale={stale} />).toString(),
  );
});

/** Who is signed in sees what is so this moment: also what they changed a moment ago. */
async function liveStatusPage(c: AppContext): Promise<Response> {
  const { site, reveal } = await placeOf(c);
  const [model, days] = await Promise.all([readStatus(c.env, { reveal }), readDays(c.env)]);
  keepForNobody(c);
  return c.html(<StatusPage site={site} model={withDays(model, days)} />);
}

front.get('/badge/:file{[0-9]{1,15}\\.svg}', etag(), async (c) => {
  const id = Number.parseInt(c.req.param('file'), 10);
  const page = await readPage(c.env);
  const host = page.model.hosts.find((each) => each.id === id);
  if (!host)
    throw new Problem('not_found', { detail: 'There is no such host, or it was removed.' });
  const asOf = page.stale ? page.model.asOf : undefined;
  const shown = shownStatus(host);
  const kind = { name: `badge ${id}`, type: 'image/svg+xml; charset=UTF-8' };
  return answerKept(c, page, kind, () =>
    (<Badge name={host.name} status={shown} asOf={asOf} />).toString(),
  );
});
