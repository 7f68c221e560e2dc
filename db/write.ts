import type { InStatement, ResultSet } from '@libsql/client';
import type { Db } from './db.ts';

/** The database was locked by somebody else through every retry. The caller answers 503 with Retry-After. */
export class BusyError extends Error {
  readonly code = 'database_busy';
}

const TRIES = 5;

/**
 * Runs statements as one atomic write (`batch(…, 'write')`) and gives one result each. A locked database is tried
 * again, at times spread apart; then BusyError.
 */
export async function write(db: Db, statements: readonly InStatement[]): Promise<ResultSet[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.$client.batch([...statements], 'write');
    } catch (error) {
      if (!isBusy(error)) throw error;
      // The file driver leaves a statement behind when it finds a lock, and that connection never commits again.
      if (db.$client.protocol === 'file') db.$client.reconnect();
      if (attempt === TRIES) throw new BusyError('the database is busy', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, attempt * 20 * (0.5 + spread(db))));
    }
  }
}

const calls = new WeakMap<object, number>();

/** 0 … 1, never the same twice in a row: two that collided wait for different times. */
function spread(db: Db): number {
  const count = (calls.get(db) ?? 0) + 1;
  calls.set(db, count);
  return (count * 0.618_033_988_749) % 1;
}

function isBusy(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return code.startsWith('SQLITE_BUSY') || /database is locked|SQLITE_BUSY/.test(message);
}
