// Everything under /admin, behind the sign-in.
import { Hono } from 'hono';
import { requireConfigured } from '#worker/auth/middleware.ts';
import type { Env } from '#worker/platform.ts';
import { backupPages } from './admin/backup.tsx';
import { channelPages } from './admin/channels.tsx';
import { checkPages } from './admin/checks.tsx';
import { deliveryPages } from './admin/deliveries.tsx';
import { hostPages } from './admin/hosts.tsx';
import { incidentPages } from './admin/incidents.tsx';
import { maintenancePages } from './admin/maintenance.tsx';
import { newHostPages } from './admin/newHost.tsx';
import { retentionPages } from './admin/retention.tsx';
import { runnerPages } from './admin/runners.tsx';
import { settingsPages } from './admin/settings.tsx';
import { tryPages } from './admin/tries.tsx';
import { usagePages } from './admin/usage.tsx';

export const admin = new Hono<Env>();

admin.use(requireConfigured);
admin.use(async (c, next) => {
  if (!c.var.actor) {
    const wanted = c.req.method === 'GET' ? `?next=${encodeURIComponent(c.req.path)}` : '';
    return c.redirect(`/sign-in${wanted}`, 303);
  }
  c.header('cache-control', 'no-store');
  await next();
});

admin.get('/', (c) => c.redirect('/admin/hosts', 303));
admin.route('/hosts/new', newHostPages);
admin.route('/hosts', hostPages);
admin.route('/hosts/:hostId{[0-9]+}/checks', checkPages);
admin.route('/tries', tryPages);
admin.route('/', runnerPages);
admin.route('/', channelPages);
admin.route('/', deliveryPages);
admin.route('/', usagePages);
admin.route('/incidents', incidentPages);
admin.route('/maintenance', maintenancePages);
admin.route('/retention', retentionPages);
admin.route('/', settingsPages);
admin.route('/', backupPages);
