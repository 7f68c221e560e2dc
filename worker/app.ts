// The app, whole: the same on workerd, Node and Bun. It knows its runtime only as the platform in c.env.
import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { BusyError } from '#db/write.ts';
import { countRequest, saveUsageLater } from './meter/usage.ts';
import type { AppContext, Env, Platform } from './platform.ts';
import { Problem } from './problem.ts';
import { api } from './routes/api.ts';
import { charts } from './routes/charts.ts';
import { health } from './routes/health.ts';
import { history } from './routes/history.ts';
import { problemPage, wantsPage } from './routes/pages/problem.tsx';
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

app.use(async (c, next) => {
  countRequest(c.env);
  await next();
  saveUsageLater(c.env);
});

app.route('/api/v1/runner', runner);
app.route('/api/v1', history);
app.route('/api/v1', api);
app.route('/', health);
app.route('/', charts);
app.route('/', pages);

app.notFound((c) => refuse(c, new Problem('not_found')));

app.onError((error, c) => {
  if (error instanceof Problem) return refuse(c, error);
  if (error instanceof BusyError) {
    return refuse(c, new Problem('busy', { headers: { 'retry-after': '2' } }));
  }
  const { requestId } = c.var;
  c.env.log('error', error.message, { requestId, path: c.req.path, stack: error.stack });
  return refuse(c, new Problem('internal', { extra: { requestId } }));
});

/** A page to those who read pages, problem details to everybody else. */
function refuse(c: AppContext, problem: Problem): Response | Promise<Response> {
  return wantsPage(c) ? problemPage(c, problem) : problem.getResponse();
}

/** One request, for a runtime's entry file. */
export function handleRequest(request: Request, platform: Platform): Promise<Response> {
  return Promise.resolve(app.fetch(request, platform));
}
