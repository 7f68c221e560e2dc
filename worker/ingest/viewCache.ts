// View rows as this isolate wrote them last. A post then needs not read what it is about to replace: the write is
// guarded by the row's number, so a row that somebody else wrote meanwhile only costs a second look.
import type { ViewRecord } from '#db/views.ts';
import type { Platform } from '#worker/platform.ts';

const LIMIT = 100;
const caches = new WeakMap<object, Map<number, ViewRecord>>();

function cacheOf({ db }: Platform): Map<number, ViewRecord> {
  const cache = caches.get(db.$client) ?? new Map<number, ViewRecord>();
  caches.set(db.$client, cache);
  return cache;
}

/** Takes the record out: it is folded into in place, and only a write that took effect puts it back. */
export function takeView(platform: Platform, k: number): ViewRecord | null {
  const cache = cacheOf(platform);
  const record = cache.get(k) ?? null;
  cache.delete(k);
  return record;
}

export function keepView(platform: Platform, k: number, record: ViewRecord): void {
  const cache = cacheOf(platform);
  if (cache.size >= LIMIT) cache.clear();
  cache.set(k, record);
}
