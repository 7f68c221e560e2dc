import type { Row } from '@libsql/client';
import type { host } from '../schema.ts';

/** Which runner's machine it is concerns announcing only. */
export type HostRow = Omit<typeof host.$inferSelect, 'runnerId'>;

/** Reads a row of `select * from host`. */
export function hostOf(row: Row): HostRow {
  return {
    id: Number(row.id),
    name: String(row.name),
    group: String(row.group_name),
    tags: JSON.parse(String(row.tags)) as string[],
    paused: Number(row.paused) === 1,
    createdAt: Number(row.created_at),
  };
}
