import type { Row } from '@libsql/client';
import * as z from 'zod';
import type { Actor, Platform } from '#worker/platform.ts';
import { pageFields } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { AuditModel, AuditPage } from './model.ts';

export const auditQuery = z.strictObject(pageFields);

/** Who changed what, newest first. */
export async function listAudit(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<AuditPage> {
  permit(actor, 'viewer');
  const { before, limit } = parseInput(auditQuery, input);
  const { rows } = await platform.db.$client.execute({
    sql: 'select * from audit where id < ? order by id desc limit ?',
    args: [before ?? Number.MAX_SAFE_INTEGER, limit],
  });
  const entries = rows.map(entryOf);
  return { entries, next: entries.length === limit ? (entries.at(-1)?.id ?? null) : null };
}

function entryOf(row: Row): AuditModel {
  return {
    id: Number(row.id),
    at: Number(row.at),
    actor: String(row.actor),
    action: String(row.action),
    subject: String(row.subject),
    before: JSON.parse(String(row.before)),
    after: JSON.parse(String(row.after)),
  };
}
