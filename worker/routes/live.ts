import { Hono } from 'hono';
import { actorOfRequest } from '#worker/auth/middleware.ts';
import { LIVE_PATH } from '#worker/live/live.ts';
import type { Env } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';

export const live = new Hono<Env>();

/**
 * For who is signed in: a line on which it is said that something has changed. 204, before anything is read, where no
 * connection can be held: then pages ask by themselves, and an EventSource does not come back.
 */
live.get(LIVE_PATH, async (c) => {
  const { live: lines } = c.env;
  if (!lines) return c.body(null, 204, { 'cache-control': 'no-store' });
  if ((await actorOfRequest(c)) === null) throw new Problem('unauthenticated');
  const line = await lines.open(c, async () => (await actorOfRequest(c)) !== null);
  return line ?? c.body(null, 204, { 'cache-control': 'no-store' });
});
