// From the front of the app to its back office: the request as it came, with the id that its log lines carry.
import type { MiddlewareHandler } from 'hono';
import type { AppContext, Env } from './platform.ts';

const ids = new WeakMap<Request, string>();

export async function handOver(c: AppContext): Promise<Response> {
  ids.set(c.req.raw, c.var.requestId);
  const { office } = await import('./office.ts');
  return office.fetch(c.req.raw, c.env);
}

export const takeRequestId: MiddlewareHandler<Env> = async (c, next) => {
  c.set('requestId', ids.get(c.req.raw) ?? crypto.randomUUID());
  await next();
};
