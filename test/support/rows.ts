// What a database on the wire says it read and wrote: the figures Turso bills.
import { createClient } from '@libsql/client/web';
import { drizzle } from 'drizzle-orm/libsql/web';
import type { Db } from '#db/db.ts';
import * as schema from '#db/schema.ts';
import { openTestDb } from './platform.ts';

export interface Counted {
  db: Db;
  /** Since the start or the last `reset`. */
  rows: { read: number; written: number; calls: number };
  reset: () => void;
}

/** A migrated database behind sqld whose every answer is counted. */
export async function countingDb(url: string): Promise<Counted> {
  const plain = await openTestDb(url);
  plain.$client.close();
  const rows = { read: 0, written: 0, calls: 0 };
  const client = createClient({
    url,
    fetch: async (input: string | URL | Request, init?: RequestInit) => {
      const answer = await fetch(input, init);
      const text = await answer.text();
      rows.calls += 1;
      add(rows, text ? JSON.parse(text) : null);
      return new Response(text, answer);
    },
  });
  return {
    db: drizzle(client, { schema }),
    rows,
    reset: () => Object.assign(rows, { read: 0, written: 0, calls: 0 }),
  };
}

/** Statement results lie at several depths: alone, and inside the steps of a batch. */
function add(rows: Counted['rows'], value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const { rows_read, rows_written } = value as { rows_read?: unknown; rows_written?: unknown };
  if (typeof rows_read === 'number') rows.read += rows_read;
  if (typeof rows_written === 'number') rows.written += rows_written;
  for (const inner of Object.values(value)) add(rows, inner);
}
