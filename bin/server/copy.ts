// A replica of the database, from which visitors' pages are read so that the primary has less to do.
import { type Client, createClient } from '@libsql/client';
import type { Db } from '#db/db.ts';
import type { Log } from '#worker/platform.ts';

/** A replica that has not answered by then is left alone for this question. */
const PATIENCE_MS = 2000;

/** Reads from the replica; what it cannot answer is asked of the database itself. */
export function openCopy(
  url: string,
  { authToken, db, log }: { authToken: string | undefined; db: Db; log: Log },
): Db {
  const replica = createClient({
    url,
    ...(authToken !== undefined && { authToken }),
    fetch: (input: Request) => fetch(input, { signal: AbortSignal.timeout(PATIENCE_MS) }),
  });
  let said = false;
  const falling =
    <Args extends unknown[], T>(ask: (client: Client, args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      try {
        const answer = await ask(replica, args);
        said = false;
        return answer;
      } catch (error) {
        if (!said) {
          const { message } = error as Error;
          log('warn', `the replica does not answer, pages are read from the primary: ${message}`);
        }
        said = true;
        return ask(db.$client, args);
      }
    };
  const execute = falling((client, args: Parameters<Client['execute']>) => client.execute(...args));
  const batch = falling((client, args: Parameters<Client['batch']>) => client.batch(...args));
  return { $client: Object.assign(Object.create(null), { execute, batch, close }) as Client };

  function close(): void {
    replica.close();
  }
}
