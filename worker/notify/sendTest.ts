import type { TestNotice } from '#core/notice.ts';
import { channelOf } from '#db/rows/channel.ts';
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
  const { rows } = await platform.db.$client.execute({
    sql: 'select * from channel where id = ?',
    args: [channelId],
  });
  if (!rows[0]) throw new Problem('not_found', { detail: `There is no channel ${channelId}.` });
  const channel = channelOf(rows[0]);
  const at = platform.now();
  const token = base64url(platform.random(12));
  const notice: TestNotice = {
    type: 'test',
    key: `test:${channelId}:${token}`,
    at,
    url: `${platform.config.url}/admin/channels`,
    channelName: channel.name,
  };
  const [owed] = await write(platform.db, [
    {
      sql: `insert into delivery (channel_id, notice_key, notice, due_at, created_at, lease_until, lease_token)
            values (?, ?, ?, ?, ?, ?, ?) returning id`,
      args: [channelId, notice.key, JSON.stringify(notice), at, at, at + LIMITS.leaseMs, token],
    },
  ]);
  const deliveryId = Number(owed?.rows[0]?.id);
  const told = [{ id: deliveryId, createdAt: at, notice }];
  const result = await send(platform, channel, told, LIMITS.sendTimeoutMs);
  const outcome: Outcome = result.ok
    ? { status: 'sent', receipt: result.receipt }
    : { status: 'failed', error: result.error };
  const now = platform.now();
  await write(platform.db, [recordStatement(token, [deliveryId], outcome, now, LIMITS)]);
  return result.ok
    ? { ok: true, receipt: result.receipt, deliveryId }
    : { ok: false, error: result.error, deliveryId };
}
