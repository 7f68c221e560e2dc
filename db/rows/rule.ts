import type { Row } from '@libsql/client';
import type { rule } from '../schema.ts';

export type RuleRow = typeof rule.$inferSelect;

/** Reads a row of `select * from rule`. */
export function ruleOf(row: Row): RuleRow {
  return {
    id: Number(row.id),
    channelId: Number(row.channel_id),
    match: JSON.parse(String(row.match)) as RuleRow['match'],
    from: String(row.from_status) as RuleRow['from'],
    fleet: Number(row.fleet) === 1,
  };
}
