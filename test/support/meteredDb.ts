// A migrated database behind sqld, opened as the server opens it: with the meter.
import { createClient } from '@libsql/client/web';
import { drizzle } from 'drizzle-orm/libsql/web';
import type { Db } from '#db/db.ts';
import * as schema from '#db/schema.ts';
import { metered } from '#worker/meter/counter.ts';
import { openTestDb } from './platform.ts';

export async function meteredDb(url: string): Promise<Db> {
  const plain = await openTestDb(url);
  plain.$client.close();
  return drizzle(
    metered(url, (fetch) => createClient({ url, fetch })),
    { schema },
  );
}
