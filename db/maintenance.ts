// Planned work, as the paths that need it read it: by id of host, groups resolved.
import type { InStatement, ResultSet } from '@libsql/client';
import type { Maintenance } from '#core/maintenance.ts';

/** SQL for the ids of the hosts maintenance `m` is for, as JSON; null = every one. */
export const HOSTS_SQL = `case when m.hosts is null and m.groups is null then null else (
    select json_group_array(id) from (
      select value as id from json_each(coalesce(m.hosts, '[]')) union
      select h.id from host h where m.groups is not null and h.group_name in (select value from json_each(m.groups)))) end`;

/** Work that touches [fromAt, toAt): to stand in a batch of reads, and what to make of its result. */
export const readMaintenances = {
  sql(fromAt: number, toAt: number): InStatement {
    return {
      sql: `select m.id, m.title, m.from_at, m.until_at, ${HOSTS_SQL} as of from maintenance m
            where m.until_at > ? and m.from_at < ?`,
      args: [fromAt, toAt],
    };
  },
  parse(result: ResultSet | undefined): Maintenance[] {
    return (result?.rows ?? []).map((row) => ({
      id: Number(row.id),
      title: String(row.title),
      fromAt: Number(row.from_at),
      untilAt: Number(row.until_at),
      hosts: row.of === null ? null : (JSON.parse(String(row.of)) as number[]),
    }));
  },
};
