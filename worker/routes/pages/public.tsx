// What anyone may see.
import { Hono } from 'hono';
import { publicReason } from '#core/reason.ts';
import { dayRowOf } from '#web/chart/days.ts';
import { HistoryPage } from '#web/pages/history.tsx';
import { HostPage } from '#web/pages/host.tsx';
import { rangeIn } from '#web/parts/chart.tsx';
import { listIncidents } from '#worker/actions/incidents/list.ts';
import { readBars } from '#worker/history/readBars.ts';
import type { AppContext, Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { readStatus } from '#worker/status.ts';
import { forVisitors } from '#worker/visitors.ts';
import { keepForAnyone, keepForNobody } from '../kept.ts';
import { ANYONE, placeOf } from './context.ts';
import { recentFlips, recentIncidents } from './recent.ts';

export const publicPages = new Hono<Env>();

publicPages.get('/hosts/:id{[0-9]+}', async (c) => {
  const id = Number(c.req.param('id'));
  const { site, reveal } = await placeOf(c);
  const platform = forVisitors(c);
  const model = await readStatus(platform, { reveal });
  const host = model.hosts.find((each) => each.id === id);
  if (!host)
    throw new Problem('not_found', { detail: 'There is no such host, or it was removed.' });
  const [flips, incidents, history] = await Promise.all([
    recentFlips(platform.db, host, reveal),
    recentIncidents(platform.db, host, reveal),
    readBars(platform),
  ]);
  const bars = history.hosts.get(id) ?? [];
  const days = dayRowOf(bars);
  keep(c);
  return c.html(
    <HostPage
      site={site}
      host={days ? { ...host, days } : host}
      asOf={model.asOf}
      flips={flips}
      incidents={incidents}
      range={rangeIn(c.req.query('range'))}
      bars={bars}
      checkBars={history.checks}
    />,
  );
});

publicPages.get('/history', async (c) => {
  const { site, reveal } = await placeOf(c);
  const before = c.req.query('before');
  const page = await listIncidents(forVisitors(c), ANYONE, {
    ...(before && { before }),
    limit: 50,
  });
  const incidents = page.incidents.map((incident) => ({
    ...incident,
    check: reveal ? incident.check : '',
    text: reveal && incident.text ? incident.text : publicReason(incident.code),
  }));
  keep(c);
  return c.html(
    <HistoryPage site={site} incidents={incidents} asOf={c.env.now()} next={page.next} />,
  );
});

/** Pages of visitors may be kept for a moment, those of the signed-in never. */
function keep(c: AppContext): void {
  if (c.var.actor) keepForNobody(c);
  else keepForAnyone(c);
}
