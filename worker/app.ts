// The app, whole: the same on workerd, Node and Bun. It knows its runtime only as the platform in c.env.
import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { BusyError } from '#db/write.ts';
import type { Env, Platform } from './platform.ts';
import { Problem } from './problem.ts';
import { api } from './routes/api.ts';
import { health } from './routes/health.ts';
import { pages } from './routes/pages.tsx';
import { runner } from './routes/runner.ts';

export const app = new Hono<Env>();

app.use(requestId());
app.use(
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
    crossOriginResourcePolicy: false,
    xFrameOptions: 'DENY',
    referrerPolicy: 'same-origin',
  }),
);

app.route('/api/v1/runner', runner);
app.route('/api/v1', api);
app.route('/', health);
app.route('/', pages);

app.notFound(() => new Problem('not_found').getResponse());

app.onError((error, c) => {
  if (error instanceof Problem) return error.getResponse();
  if (error instanceof BusyError) {
    return new Problem('busy', { headers: { 'retry-after': '2' } }).getResponse();
  }
  c.env.log('error', error.message, {
    requestId: c.var.requestId,
    path: c.req.path,
    stack: error.stack,
  });
  return new Problem('internal', { extra: { requestId: c.var.requestId } }).getResponse();
});

/** One request, for a runtime's entry file. */
export function handleRequest(request: Request, platform: Platform): Promise<Response> {
  return Promise.resolve(app.fetch(request, platform));
}
