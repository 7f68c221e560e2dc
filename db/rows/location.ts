import type { Row } from '@libsql/client';
import type { location } from '../schema.ts';

export type LocationRow = typeof location.$inferSelect;

/** Reads a row of `select * from location`. */
export function locationOf(row: Row): LocationRow {
  return {
    id: Number(row.id),
    name: String(row.name),
    enabled: Number(row.enabled) === 1,
    tags: JSON.parse(String(row.tags)) as string[],
    createdAt: Number(row.created_at),
  };
}
