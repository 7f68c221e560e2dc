// The rings hours are kept in, as the retention of detail makes them.
import type { ResultSet } from '@libsql/client';
import { FIRST_RING, type Ring } from '#db/history.ts';

/** To stand in a batch of reads, and what to make of its result. */
export const readRings = {
  sql: `select value from setting where key = 'history_rings'`,
  parse(result: ResultSet | undefined): Ring[] {
    const value = result?.rows[0]?.value;
    return value === undefined ? [FIRST_RING] : (JSON.parse(String(value)) as Ring[]);
  },
};
