// The back office: everything that is done by who is signed in or has a token. An isolate at the edge loads it with the
// first such request (docs/decisions/0008-bundle.md): most only ever serve pages and take results.
import { Hono } from 'hono';
import { takeRequestId } from './handOver.ts';
import type { Env } from './platform.ts';
import { refuseError, refuseUnknown } from './refuse.ts';
import { api } from './routes/api.ts';
import { officePages } from './routes/officePages.tsx';

export const office = new Hono<Env>();

office.use(takeRequestId);
office.route('/api/v1', api);
office.route('/', officePages);
office.notFound(refuseUnknown);
office.onError(refuseError);
