// The database a process works on: one file of its own, or Turso or sqld over HTTP.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import type { Db } from '#db/db.ts';
import { migrate } from '#db/migrate.ts';
import type { Settings } from '#worker/config.ts';
import { metered } from '#worker/meter/counter.ts';

/** Another process on the same file holds it for milliseconds. To fail at once would also leave a statement open. */
const BUSY_TIMEOUT_MS = 5000;

const MIGRATIONS = fileURLToPath(new URL('../../db/migrations', import.meta.url));

/** Opens the database and brings it up to date. */
export async function openDatabase(
  settings: Pick<Settings, 'TURSO_DATABASE_URL' | 'TURSO_AUTH_TOKEN'>,
  dataFolder: string,
): Promise<Db> {
  const { TURSO_DATABASE_URL: given, TURSO_AUTH_TOKEN: authToken } = settings;
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const url = given ?? `file:${databaseFile(dataFolder)}`;
  const client = metered(url, (fetch) =>
    createClient({
      url,
      timeout: BUSY_TIMEOUT_MS,
      ...(authToken !== undefined && { authToken }),
      fetch,
    }),
  );
  const db = { $client: client };
  try {
    if (url.startsWith('file:')) await client.execute('pragma journal_mode = wal');
    await migrate(db, MIGRATIONS);
  } catch (error) {
    client.close();
    throw new Error(`cannot open the database ${shown(url)}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return db;
}

/** The file when no other database is named. */
export function databaseFile(dataFolder: string): string {
  return join(dataFolder, 'anyup.db');
}

/** Without what may be secret in it. */
export function shown(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//').replace(/\?.*$/, '');
}
