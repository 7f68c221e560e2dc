// The admin API under /api/v1; what anyone may ask is answered before (worker/app.ts).
import { Hono } from 'hono';
import { identify, requireActor, sameOrigin } from '#worker/auth/middleware.ts';
import type { Actor, AppContext, Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { answerBackup, answerRestore } from './api/backup.ts';
import { apiDocument } from './api/document.ts';
import type { Operation } from './api/operation.ts';
import { OPERATIONS } from './api/operations.ts';
import { limitBody, readJson, toJson } from './json.ts';

export const api = new Hono<Env>();

api.use(identify);
api.get('/openapi.json', (c) => c.json(apiDocument(c.env.config.url)));

api.get('/backup', requireActor('owner'), answerBackup);
api.post('/backup', requireActor('owner'), sameOrigin, answerRestore);

for (const operation of OPERATIONS) {
  const { method, path, role } = operation;
  api.on(
    method,
    path,
    requireActor(role === 'anyone' ? 'viewer' : role),
    sameOrigin,
    limitBody,
    (c) => answer(c, operation),
  );
}

const PATHS = ['/status', '/openapi.json', '/backup', ...OPERATIONS.map((each) => each.path)];

for (const path of new Set(PATHS)) {
  const allow: string[] = OPERATIONS.filter((each) => each.path === path).map(
    ({ method }) => method,
  );
  if (path === '/backup') allow.push('get', 'post');
  api.all(path, () => {
    const methods = (allow.length > 0 ? allow : ['get']).join(', ').toUpperCase();
    throw new Problem('method_not_allowed', {
      detail: `Allowed here: ${methods}.`,
      headers: { allow: methods },
    });
  });
}

async function answer(c: AppContext, operation: Operation): Promise<Response> {
  const input = await inputOf(c, operation);
  const result = await operation.act(c.env, c.var.actor as Actor, input);
  if (!operation.answer) return c.body(null, 204);
  const { wrap, status = 200 } = operation;
  return new Response(toJson(wrap ? { [wrap]: result } : result), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}

/** Path, query and body as the one object an action takes. */
async function inputOf(c: AppContext, { method }: Operation): Promise<Record<string, unknown>> {
  const given = method === 'get' ? c.req.query() : await readJson(c);
  const params = c.req.param() as Record<string, string>;
  const doubled = Object.keys(params).filter((name) => name in given);
  if (doubled.length > 0) {
    throw new Problem('invalid_input', {
      errors: doubled.map((path) => ({ path, message: 'is given by the address already' })),
    });
  }
  return { ...given, ...params };
}
