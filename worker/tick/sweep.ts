import { write } from '#db/write.ts';
import type { Platform } from '#worker/platform.ts';

const EVERY_MS = 3_600_000;

/** Once an hour: what has run out and nobody will ask for again. Few rows, never results. */
export async function sweep(platform: Platform, lastTickAt: number, now: number): Promise<void> {
  if (Math.floor(lastTickAt / EVERY_MS) === Math.floor(now / EVERY_MS)) return;
  const day = 86_400_000;
  await write(platform.db, [
    { sql: 'delete from session where expires_at < ?', args: [now] },
    { sql: 'delete from sign_in_link where expires_at < ?', args: [now - day] },
    { sql: 'delete from join_code where expires_at < ?', args: [now - day] },
    { sql: 'delete from ask where expires_at < ?', args: [now - day] },
  ]);
}
