// What a process serves: the built assets, then the app; compressed.
import { fileURLToPath } from 'node:url';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import { handleRequest } from '#worker/app.ts';
import type { Platform } from '#worker/platform.ts';

const DIST = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** The handler of one process. Assets carry their content in their name, so they never change. */
export function frontOf(platform: Platform): (request: Request) => Response | Promise<Response> {
  const front = new Hono();
  front.use(compress());
  front.use('/assets/*', async (c, next) => {
    await next();
    if (c.res.ok) c.header('cache-control', 'public, max-age=31536000, immutable');
  });
  front.use('/assets/*', serveStatic({ root: DIST }));
  front.all('*', (c) => handleRequest(c.req.raw, platform));
  return (request) => front.fetch(request);
}
