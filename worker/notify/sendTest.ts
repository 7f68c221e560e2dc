import type { TestNotice } from '#core/notice.ts';
import { channelOf } from '#db/rows/channel.ts';
import { write } from '#db/write.ts';
import { base64url } from '../crypto/hash.ts';
import { LIMITS } from '../dispatch/limits.ts';
import { type Outcome, outcomeOf, recordStatement } from '../dispatch/record.ts';
import { send } from '../dispatch/send.ts';
import type { Platform } from '../platform.ts';
import { Problem } from '../problem.ts';

export interface TestSent {
  ok: boolean;
  receipt?: string;
  error?: string;
  deliveryId: number;
}

/** What a runner sends is waited for: so long each time, 20 s in all. */
const WAITS_MS = [300, 700, 1000, 2000, 3000, 4000, 4000, 5000];

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
  let result = await send(platform, channel, told, LIMITS.sendTimeoutMs);
  for (const waitMs of WAITS_MS) {
    if (result.ok || result.pendingMs === undefined) break;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    result = await send(platform, channel, told, LIMITS.sendTimeoutMs);
  }
  const now = platform.now();
  const isOver = result.ok || result.pendingMs === undefined;
  const outcome: Outcome =
    isOver && !result.ok
      ? { status: 'failed', error: result.error }
      : outcomeOf(result, { attempts: 0, ageMs: 0, now, random01: 0 }, LIMITS);
  await write(platform.db, [recordStatement(token, [deliveryId], outcome, now, LIMITS)]);
  if (result.ok) return { ok: true, receipt: result.receipt, deliveryId };
  const error = isOver ? result.error : `${result.error}; it goes out when the runner does`;
  return { ok: false, error, deliveryId };
}
