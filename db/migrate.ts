// Runs from bin only: the migrator reads files, which the edge cannot.
import { drizzle } from 'drizzle-orm/libsql';
import { migrate as run } from 'drizzle-orm/libsql/migrator';
import type { Db } from './db.ts';

/** Applies the migrations that are not in the database yet. */
export async function migrate(db: Db, folder: string): Promise<void> {
  await run(drizzle(db.$client), { migrationsFolder: folder });
}
