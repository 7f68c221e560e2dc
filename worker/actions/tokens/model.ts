import * as z from 'zod';
import { instant } from '../fields.ts';

export const tokenModel = z.object({
  id: z.int(),
  name: z.string(),
  /** read: everything a viewer sees · write: changes hosts too. */
  scope: z.enum(['read', 'write']),
  createdAt: instant,
  /** Null = until it is revoked. */
  expiresAt: instant.nullable(),
});

export type TokenModel = z.output<typeof tokenModel>;

/** `token` is shown this once. */
export const newToken = tokenModel.extend({ token: z.string() });

export type NewToken = z.output<typeof newToken>;
