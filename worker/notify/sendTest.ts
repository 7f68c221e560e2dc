import { eq } from 'drizzle-orm';
import type { TestNotice } from '#core/notice.ts';
import { channel, delivery } from '#db/schema.ts';
import { write } from '#db/write.ts';
import { base64url } from '../crypto/hash.ts';
import { LIMITS } from '../dispatch/limits.ts';
import { type Outcome, recordStatement } from '../dispatch/record.ts';
import { send } from '../dispatch/send.ts';
import type { Platform } from '../platform.ts';
import { Problem } from '../problem.ts';

export interface TestSent {
  ok: boolean;
  receipt?: string;
  error?: string;
  deliveryId: number;
}

/** Sends a test message to a channel now, disabled or not, and records it as a delivery; it is tried once. */
export async function sendTest(platform: Platform, channelId: number): Promise<TestSent> {
  const row = await platform.db.query.channel.findFirst({ where: eq(channel.id, channelId) });
  if (!row) throw new Problem('not_found', { detail: `There is no channel ${channelId}.` });
  const at = platform.now();
  const token = base64url(platform.random(12));
  const notice: TestNotice = {
    type: 'test',
    key: `test:${channelId}:${token}`,
    at,
    url: `${platform.config.url}/admin/channels`,
    channelName: row.name,
  };
  const [owed] = await write(platform.db, [
    platform.db
      .insert(delivery)
      .values({
        channelId,
        noticeKey: notice.key,
        notice,
        dueAt: at,
        createdAt: at,
        leaseUntil: at + LIMITS.leaseMs,
        leaseToken: token,
      })
      .returning({ id: delivery.id }),
  ]);
  const deliveryId = Number(owed?.rows[0]?.id);
  const told = [{ id: deliveryId, createdAt: at, notice }];
  const result = await send(platform, row, told, LIMITS.sendTimeoutMs);
  const outcome: Outcome = result.ok
    ? { status: 'sent', receipt: result.receipt }
    : { status: 'failed', error: result.error };
  const now = platform.now();
  await write(platform.db, [recordStatement(token, [deliveryId], outcome, now, LIMITS)]);
  return result.ok
    ? { ok: true, receipt: result.receipt, deliveryId }
    : { ok: false, error: result.error, deliveryId };
}
