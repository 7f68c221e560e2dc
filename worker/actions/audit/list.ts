import { desc, lt } from 'drizzle-orm';
import * as z from 'zod';
import { audit } from '#db/schema.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { pageFields } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { AuditPage } from './model.ts';

export const auditQuery = z.strictObject(pageFields);

/** Who changed what, newest first. */
export async function listAudit(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<AuditPage> {
  permit(actor, 'viewer');
  const { before, limit } = parseInput(auditQuery, input);
  const entries = await platform.db
    .select()
    .from(audit)
    .where(before === undefined ? undefined : lt(audit.id, before))
    .orderBy(desc(audit.id))
    .limit(limit);
  return { entries, next: entries.length === limit ? (entries.at(-1)?.id ?? null) : null };
}
