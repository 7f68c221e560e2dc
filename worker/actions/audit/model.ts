import * as z from 'zod';
import { instant } from '../fields.ts';

export const auditModel = z.object({
  id: z.int(),
  at: instant,
  actor: z.string(),
  /** "host.create", "channel.update" … */
  action: z.string(),
  subject: z.string(),
  before: z.unknown(),
  after: z.unknown(),
});

export type AuditModel = z.output<typeof auditModel>;

export const auditPage = z.object({
  entries: z.array(auditModel),
  /** Pass as `before` for the next page; null on the last. */
  next: z.int().nullable(),
});

export type AuditPage = z.output<typeof auditPage>;
