// Who asks, and may they: in the order identify, sameOrigin, requireActor.
import type { MiddlewareHandler } from 'hono';
import { mayAct } from '#worker/actions/permit.ts';
import { within } from '#worker/deadline.ts';
import type { Actor, AppContext, Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { actorOfBearer } from './bearer.ts';
import { refuseUnlessConfigured } from './configured.ts';
import { actorOfSession } from './session.ts';

/** A database that has not said by then who asks is treated as gone. */
const DEADLINE_MS = 3000;

/** Sets `c.var.actor` from a Bearer (API token or access key) or the session cookie; null when there is neither. */
export const identify: MiddlewareHandler<Env> = async (c, next) => {
  c.set('actor', await actorOfRequest(c));
  await next();
};

/** As `identify`, for what anyone may see: while the database does not answer, nobody is known. */
export const identifyIfPossible: MiddlewareHandler<Env> = async (c, next) => {
  try {
    c.set('actor', await within(DEADLINE_MS, actorOfRequest(c)));
  } catch (error) {
    if (error instanceof Problem) throw error;
    c.env.log('warn', `nobody can be known: ${(error as Error).message}`);
    c.set('actor', null);
  }
  await next();
};

/** Null = nobody that is known. */
export async function actorOfRequest(c: AppContext): Promise<Actor | null> {
  return (await actorOfBearer(c)) ?? (await actorOfSession(c));
}

/** Refuses with 401 without an actor and 403 below the role. Give it after `identify`. */
export function requireActor(role: Actor['role']): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { actor } = c.var;
    if (!actor) {
      throw new Problem('unauthenticated', { headers: { 'www-authenticate': 'Bearer' } });
    }
    if (!mayAct(actor, role))
      throw new Problem('forbidden', { detail: `This needs the role ${role}.` });
    await next();
  };
}

/** Answers 503 naming what is missing (ANYUP_SECRET, at the edge also ANYUP_ACCESS_KEY). */
export const requireConfigured: MiddlewareHandler<Env> = async (c, next) => {
  refuseUnlessConfigured(c.env.config);
  await next();
};

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Unsafe methods must come from our own origin, unless a Bearer came with them. hono/csrf looks at forms only; a
 * session cookie is worth the same check whatever the body is.
 */
export const sameOrigin: MiddlewareHandler<Env> = async (c, next) => {
  const needed = !SAFE.has(c.req.method) && (c.var.actor === null || c.var.actor.via === 'session');
  if (needed && !isOwnOrigin(c.req.header('origin'), c.req.header('sec-fetch-site'), c)) {
    throw new Problem('csrf', { detail: `Open ${c.env.config.url} and do it from there.` });
  }
  await next();
};

function isOwnOrigin(
  origin: string | undefined,
  fetchSite: string | undefined,
  c: Parameters<MiddlewareHandler<Env>>[0],
): boolean {
  if (origin === undefined || origin === 'null') return fetchSite === 'same-origin';
  return origin === c.env.config.url || origin === new URL(c.req.url).origin;
}
