// Runs in workerd for the bench only: the very code of a fold slice, over and over, against a real sqld. workerd's clock
// stands still while code runs, so the CPU is read from outside, from the process.
import { createClient } from '@libsql/client/web';
import { drizzle } from 'drizzle-orm/libsql/web';
import { readConfiguration } from '#db/plan.ts';
import * as schema from '#db/schema.ts';
import { write } from '#db/write.ts';
import { NOTHING_NEW, newCursor, SLICE } from '#worker/history/cursor.ts';
import { foldSlice } from '#worker/history/foldSlice.ts';
import { DEFAULT_KEEPING } from '#worker/history/rings.ts';
import { readSlice, type SliceWanted } from '#worker/history/slice.ts';

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const number = (name: string) => Number(searchParams.get(name));
    if (number('n') === 0) return new Response('ready');
    const client = createClient({ url: searchParams.get('db') ?? '' });
    const db = drizzle(client, { schema });
    const { fleet } = await readConfiguration(db, 0);
    const now = number('now');
    const context = { fleet, flushMs: 15_000, keeping: DEFAULT_KEEPING, now, today: 0 };
    let written = 0;
    for (let index = 0; index < number('n'); index++) {
      const wanted: SliceWanted = {
        ...{ shard: 0, hour: number('hour'), fromPosition: 0, toPosition: SLICE },
        ...{ ...NOTHING_NEW, withRecent: true, again: false },
      };
      const material = await readSlice(
        (statements) => client.batch(statements, 'read'),
        wanted,
        context,
      );
      const cursor = { ...newCursor(0, now), hour: number('hour') };
      const { statements } = foldSlice(cursor, wanted, material, context);
      // The next round folds the hour for the first time again.
      await write(db, [...statements, 'delete from chunk']);
      written += statements.length;
    }
    return new Response(String(written));
  },
};
