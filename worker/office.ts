// The back office: everything that is done by who is signed in or has a token. An isolate at the edge loads it with the
// first such request (docs/decisions/0008-bundle.md): most only ever serve pages and take results.
import { Hono, type MiddlewareHandler } from 'hono';
import { takeRequestId } from './handOver.ts';
import type { Env } from './platform.ts';
import { refuseError, refuseUnknown } from './refuse.ts';
import { api } from './routes/api.ts';
import { officePages } from './routes/officePages.tsx';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What was changed here is mostly for runners to know, and for other pages that are open: those that are connected can know it now. */
const tellOthers: MiddlewareHandler<Env> = async (c, next) => {
  await next();
  if (SAFE.has(c.req.method) || c.res.status >= 400) return;
  c.env.ring?.('all');
  c.env.live?.changed();
};

export const office = new Hono<Env>();

office.use(takeRequestId);
office.use(tellOthers);
office.route('/api/v1', api);
office.route('/', officePages);
office.notFound(refuseUnknown);
office.onError(refuseError);
