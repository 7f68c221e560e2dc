import * as z from 'zod';
import { instant } from '../fields.ts';

export const channelModel = z.object({
  id: z.int(),
  name: z.string(),
  kind: z.string(),
  enabled: z.boolean(),
  /** What may be shown; secrets never are. */
  settings: z.record(z.string(), z.unknown()),
  hasSecrets: z.boolean(),
  createdAt: instant,
});

export type ChannelModel = z.output<typeof channelModel>;

export const testReceipt = z.object({
  ok: z.boolean(),
  deliveryId: z.int(),
  receipt: z.string().optional(),
  error: z.string().optional(),
});

export type TestReceipt = z.output<typeof testReceipt>;
