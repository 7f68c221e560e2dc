import { Hono } from 'hono';
import { IncidentPage } from '#web/pages/admin/incident.tsx';
import { getIncident } from '#worker/actions/incidents/get.ts';
import type { Env } from '#worker/platform.ts';
import { actorOf, placeOf } from '../context.ts';

export const incidentPages = new Hono<Env>();

incidentPages.get('/:id{[0-9]+}', async (c) => {
  const incident = await getIncident(c.env, actorOf(c), { id: c.req.param('id') });
  const { site } = await placeOf(c);
  return c.html(<IncidentPage site={site} incident={incident} asOf={c.env.now()} />);
});
