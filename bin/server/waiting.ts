// A database that cannot be opened when the process starts: whoever asks gets the page as it was last known, and the
// database is tried again until it is there.
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@libsql/client';
import type { Db } from '#db/db.ts';

const AGAIN_MS = 2000;
/** Longer than a start takes when all is well. */
const PATIENCE_MS = 1500;
/** The driver waits for a lock without letting anything else happen. */
const LOCK_MS = 100;

export interface Waiting {
  open: () => Promise<Db>;
  /** The database, when it is a file of ours. */
  file: string | null;
  /** Where the last good copy of the page lies. */
  copyFile: string;
  /** Called once, when waiting begins. */
  serveCopy: () => void;
  say: (line: string) => void;
}

/** Opens the database, however long it takes; without a copy to show it fails as `open` does. */
export async function openOrWait(waiting: Waiting): Promise<Db> {
  const { open, copyFile, serveCopy, say } = waiting;
  if (!existsSync(copyFile)) return open();
  let served = false;
  let said = '';
  const serve = () => {
    if (!served) serveCopy();
    served = true;
  };
  const slow = setTimeout(serve, PATIENCE_MS);
  for (;;) {
    try {
      await look(waiting);
      return await open();
    } catch (error) {
      const { message } = error as Error;
      serve();
      if (message !== said) say(`${message}; until then the page shows what was known last`);
      said = message;
      await pause(AGAIN_MS);
    } finally {
      clearTimeout(slow);
    }
  }
}

/** Rejects when the file is gone or locked: opening it would make an empty one, or stop the whole process for seconds. */
async function look({ file, copyFile }: Waiting): Promise<void> {
  if (file === null) return;
  if (!existsSync(file)) {
    throw new Error(
      `the database ${file} is gone; put it back, or remove ${copyFile} to begin with an empty one`,
    );
  }
  const client = createClient({ url: `file:${file}`, timeout: LOCK_MS });
  try {
    await client.execute('select count(*) from sqlite_master');
  } catch (error) {
    throw new Error(`cannot open the database ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    client.close();
  }
}

/** What stands for a database that is not there yet: everything asked of it is refused. */
export function closedDatabase(): Db {
  const client = createClient({ url: ':memory:' });
  client.close();
  return { $client: client };
}
