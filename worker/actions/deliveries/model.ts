import * as z from 'zod';
import { DELIVERY_STATUSES } from '#db/statuses.ts';
import { instant } from '../fields.ts';

export const deliveryModel = z.object({
  id: z.int(),
  channelId: z.int(),
  /** Its name; "channel 3 (removed)" when it is gone. */
  channel: z.string(),
  subject: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.int(),
  dueAt: instant,
  createdAt: instant,
  sentAt: instant.nullable(),
  receipt: z.string().nullable(),
  error: z.string().nullable(),
});

export type DeliveryModel = z.output<typeof deliveryModel>;

export const deliveryPage = z.object({
  deliveries: z.array(deliveryModel),
  /** Pass as `before` for the next page; null on the last. */
  next: z.int().nullable(),
});

export type DeliveryPage = z.output<typeof deliveryPage>;
