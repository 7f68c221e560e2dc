import { and, desc, eq, lt } from 'drizzle-orm';
import * as z from 'zod';
import { renderNotice } from '#core/message.ts';
import type { Notice } from '#core/notice.ts';
import { channel, DELIVERY_STATUSES, delivery } from '#db/schema.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { idField, pageFields } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { DeliveryPage } from './model.ts';

export const deliveryQuery = z.strictObject({
  ...pageFields,
  channelId: idField.optional(),
  status: z.enum(DELIVERY_STATUSES).optional(),
});

/** What was told, or is still owed, to whom; newest first. */
export async function listDeliveries(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<DeliveryPage> {
  permit(actor, 'viewer');
  const { before, limit, channelId, status } = parseInput(deliveryQuery, input);
  const rows = await platform.db
    .select({ delivery, channel: channel.name })
    .from(delivery)
    .leftJoin(channel, eq(channel.id, delivery.channelId))
    .where(
      and(
        before === undefined ? undefined : lt(delivery.id, before),
        channelId === undefined ? undefined : eq(delivery.channelId, channelId),
        status === undefined ? undefined : eq(delivery.status, status),
      ),
    )
    .orderBy(desc(delivery.id))
    .limit(limit);
  const deliveries = rows.map(({ delivery: row, channel: name }) => ({
    id: row.id,
    channelId: row.channelId,
    channel: name ?? `channel ${row.channelId} (removed)`,
    subject: renderNotice(row.notice as Notice).subject,
    status: row.status,
    attempts: row.attempts,
    dueAt: row.dueAt,
    createdAt: row.createdAt,
    sentAt: row.sentAt,
    receipt: row.receipt,
    error: row.lastError,
  }));
  return { deliveries, next: rows.length === limit ? (rows.at(-1)?.delivery.id ?? null) : null };
}
