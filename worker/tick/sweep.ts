import { forgetEvidence } from '#db/evidence.ts';
import { write } from '#db/write.ts';
import type { Platform } from '#worker/platform.ts';

const EVERY_MS = 3_600_000;
/** How long evidence is kept where no setting says how long details are. */
const KEPT_HOURS = 720;

/** Once an hour: what has run out and nobody will ask for again. Few rows, never results. */
export async function sweep(
  platform: Platform,
  { lastTickAt, keptHours }: { lastTickAt: number; keptHours: number | null },
  now: number,
): Promise<void> {
  if (Math.floor(lastTickAt / EVERY_MS) === Math.floor(now / EVERY_MS)) return;
  const day = 86_400_000;
  await write(platform.db, [
    { sql: 'delete from session where expires_at < ?', args: [now] },
    { sql: 'delete from sign_in_link where expires_at < ?', args: [now - day] },
    { sql: 'delete from join_code where expires_at < ?', args: [now - day] },
    { sql: 'delete from ask where expires_at < ?', args: [now - day] },
    forgetEvidence(now, (keptHours ?? KEPT_HOURS) * EVERY_MS),
  ]);
}
