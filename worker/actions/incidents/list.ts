import * as z from 'zod';
import type { Actor, Platform } from '#worker/platform.ts';
import { pageFields } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { IncidentPage } from './model.ts';

export const incidentQuery = z.strictObject({
  ...pageFields,
  state: z.enum(['open', 'all']).default('all'),
});

/** The times checks were not up, newest first. */
export async function listIncidents(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<IncidentPage> {
  permit(actor, 'viewer');
  const { before, limit, state } = parseInput(incidentQuery, input);
  const { rows } = await platform.db.$client.execute({
    sql: `select i.*, h.id as host_id, h.name as host, coalesce(nullif(c.name, ''), c.target, '') as check_name
          from incident i left join check_ c on c.id = i.check_id left join host h on h.id = c.host_id
          where i.id < ?1 ${state === 'open' ? 'and i.closed_at is null' : ''}
          order by i.id desc limit ?2`,
    args: [before ?? Number.MAX_SAFE_INTEGER, limit],
  });
  const incidents = rows.map((row) => ({
    id: Number(row.id),
    hostId: row.host_id === null ? null : Number(row.host_id),
    host: String(row.host ?? ''),
    checkId: Number(row.check_id),
    check: String(row.check_name),
    openedAt: Number(row.opened_at),
    closedAt: row.closed_at === null ? null : Number(row.closed_at),
    worst: String(row.worst),
    code: String(row.code),
    text: String(row.text),
  }));
  return { incidents, next: incidents.length === limit ? (incidents.at(-1)?.id ?? null) : null };
}
