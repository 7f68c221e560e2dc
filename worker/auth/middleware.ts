import type { MiddlewareHandler } from 'hono';
import type { Actor, Env } from '#worker/platform.ts';

/** Sets `c.var.actor` from the session cookie or a Bearer (API token or access key); null when there is neither. */
export const identify: MiddlewareHandler<Env> = async (c, next) => {
  c.set('actor', null);
  await next();
};

/** Refuses with 401 without an actor and 403 below the role. Give it after `identify`. */
export function requireActor(_role: Actor['role']): MiddlewareHandler<Env> {
  return async (_c, next) => {
    await next();
  };
}

/** Answers 503 naming what is missing (ANYUP_SECRET, at the edge also ANYUP_ACCESS_KEY). */
export const requireConfigured: MiddlewareHandler<Env> = async (_c, next) => {
  await next();
};

/** Unsafe methods with a session cookie must come from our own origin. Give it after `identify`. */
export const sameOrigin: MiddlewareHandler<Env> = async (_c, next) => {
  await next();
};
