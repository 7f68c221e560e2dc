import type { Row } from '@libsql/client';
import * as z from 'zod';
import { renderNotice } from '#core/message.ts';
import type { Notice } from '#core/notice.ts';
import { DELIVERY_STATUSES } from '#db/statuses.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { idField, pageFields } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { DeliveryModel, DeliveryPage } from './model.ts';

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
  const { rows } = await platform.db.$client.execute({
    sql: `select d.*, c.name as channel from delivery d left join channel c on c.id = d.channel_id
          where d.id < ?1 and (?2 is null or d.channel_id = ?2) and (?3 is null or d.status = ?3)
          order by d.id desc limit ?4`,
    args: [before ?? Number.MAX_SAFE_INTEGER, channelId ?? null, status ?? null, limit],
  });
  const deliveries = rows.map(deliveryOf);
  return { deliveries, next: rows.length === limit ? (deliveries.at(-1)?.id ?? null) : null };
}

function deliveryOf(row: Row): DeliveryModel {
  const channelId = Number(row.channel_id);
  const notice = JSON.parse(String(row.notice)) as Notice;
  return {
    id: Number(row.id),
    channelId,
    channel: row.channel === null ? `channel ${channelId} (removed)` : String(row.channel),
    subject: renderNotice(notice).subject,
    status: String(row.status) as DeliveryModel['status'],
    attempts: Number(row.attempts),
    dueAt: Number(row.due_at),
    createdAt: Number(row.created_at),
    sentAt: row.sent_at === null ? null : Number(row.sent_at),
    receipt: row.receipt === null ? null : String(row.receipt),
    error: row.last_error === null ? null : String(row.last_error),
  };
}
