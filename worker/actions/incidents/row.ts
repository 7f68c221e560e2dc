import type { Row } from '@libsql/client';
import type { IncidentModel } from './model.ts';

/** Incidents with the names of what they are of; a condition follows. */
export const INCIDENTS = `
  select i.*, h.id as host_id, h.name as host, coalesce(nullif(c.name, ''), c.target, '') as check_name
  from incident i left join check_ c on c.id = i.check_id left join host h on h.id = c.host_id`;

export function incidentOf(row: Row): IncidentModel {
  return {
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
  };
}
