import type { Row } from '@libsql/client';
import type { channel } from '../schema.ts';

export type ChannelRow = typeof channel.$inferSelect;

/** Reads a row of `select * from channel`; its secrets stay sealed. */
export function channelOf(row: Row): ChannelRow {
  return {
    id: Number(row.id),
    name: String(row.name),
    kind: String(row.kind),
    config: JSON.parse(String(row.config)) as ChannelRow['config'],
    secrets: String(row.secrets),
    enabled: Number(row.enabled) === 1,
    createdAt: Number(row.created_at),
  };
}
