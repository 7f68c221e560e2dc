// The last good copy where there is no disk: the Cache API of the data centre that served it.
import type { LastGood } from '#worker/platform.ts';

const WEEK_S = 7 * 86_400;

/** What we use of it. */
interface Cache {
  match: (address: string) => Promise<Response | undefined>;
  put: (address: string, answer: Response) => Promise<void>;
}

/** Undefined where the runtime has no `caches.default`. On workers.dev what is put there is forgotten. */
export function copyInCache(origin: string): LastGood | undefined {
  const cache = (globalThis as { caches?: { default?: Cache } }).caches?.default;
  if (!cache) return undefined;
  // No route answers at this address, so nobody but us reads it.
  const address = `${origin}/.last-good-page`;
  return {
    read: async () => (await (await cache.match(address))?.text()) ?? null,
    write: async (text) => {
      const headers = { 'cache-control': `max-age=${WEEK_S}`, 'content-type': 'application/json' };
      await cache.put(address, new Response(text, { headers }));
    },
  };
}
