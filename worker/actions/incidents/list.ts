import * as z from 'zod';
import type { Actor, Platform } from '#worker/platform.ts';
import { pageFields } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { IncidentPage } from './model.ts';
import { INCIDENTS, incidentOf } from './row.ts';

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
    sql: `${INCIDENTS} where i.id < ?1 ${state === 'open' ? 'and i.closed_at is null' : ''}
          order by i.id desc limit ?2`,
    args: [before ?? Number.MAX_SAFE_INTEGER, limit],
  });
  const incidents = rows.map(incidentOf);
  return { incidents, next: incidents.length === limit ? (incidents.at(-1)?.id ?? null) : null };
}
