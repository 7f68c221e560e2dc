import { Hono } from 'hono';
import { DeliveriesPage } from '#web/pages/admin/deliveries.tsx';
import { listDeliveries } from '#worker/actions/deliveries/list.ts';
import type { Env } from '#worker/platform.ts';
import { actorOf, placeOf } from '../context.ts';

export const deliveryPages = new Hono<Env>();

deliveryPages.get('/deliveries', async (c) => {
  const before = c.req.query('before');
  const page = await listDeliveries(c.env, actorOf(c), { ...(before && { before }) });
  const { site } = await placeOf(c);
  return c.html(<DeliveriesPage site={site} {...page} />);
});
