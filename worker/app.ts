// The app, whole: the same on workerd, Node and Bun. It knows its runtime only as the platform in c.env.
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { identifyIfPossible } from './auth/middleware.ts';
import { handOver } from './handOver.ts';
import { countRequest, saveUsageLater } from './meter/usage.ts';
import type { Env, Platform } from './platform.ts';
import { refuseError, refuseUnknown } from './refuse.ts';
import { answerStatus } from './routes/api/status.ts';
import { beat } from './routes/beat.ts';
import { calendar } from './routes/calendar.ts';
import { charts } from './routes/charts.ts';
import { health } from './routes/health.ts';
import { history } from './routes/history.ts';
import { live } from './routes/live.ts';
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
app.get('/api/v1/status', identifyIfPossible, etag(), answerStatus);
app.route('/api/v1', history);
app.route('/', live);
app.route('/', health);
app.route('/', beat);
app.route('/', charts);
app.route('/', calendar);
app.route('/', pages);
for (const path of ['/api/v1/*', '/admin/*', '/sign-in', '/sign-out']) app.all(path, handOver);

app.notFound(refuseUnknown);
app.onError(refuseError);

/** One request, for a runtime's entry file. */
export function handleRequest(request: Request, platform: Platform): Promise<Response> {
  return Promise.resolve(app.fetch(request, platform));
}
