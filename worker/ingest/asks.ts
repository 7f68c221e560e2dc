import type { Ask } from '#core/wire/ask.ts';
import { write } from '#db/write.ts';
import type { Platform } from '#worker/platform.ts';
import type { Caller } from './caller.ts';

/** What waits for this runner, handed out once. Costs nothing while its row says that nothing waits. */
export async function takeAsks(platform: Platform, caller: Caller): Promise<Ask[]> {
  const now = platform.now();
  if (caller.asksUntil <= now) return [];
  const [taken] = await write(platform.db, [
    {
      sql: `update ask set taken_at = ? where runner_id = ? and expires_at > ? and taken_at is null
            returning id, body`,
      args: [now, caller.runnerId, now],
    },
  ]);
  return (taken?.rows ?? []).map(
    (row) => ({ ...JSON.parse(String(row.body)), id: String(row.id) }) as Ask,
  );
}
