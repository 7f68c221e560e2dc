import * as z from 'zod';
import type { Platform } from '#worker/platform.ts';
import { idField } from '../fields.ts';
import { refuseField } from '../parse.ts';

export const matchField = z
  .strictObject({
    groups: z.array(z.string().trim().max(100)).max(100).optional(),
    hosts: z.array(idField).max(1000).optional(),
  })
  .meta({ description: 'groups and hosts by id; empty = everything' });

type Match = z.output<typeof matchField>;

/** What is stored: empty lists are left out. */
export function storedMatch({ groups, hosts }: Match): { groups?: string[]; hosts?: number[] } {
  return {
    ...(groups && groups.length > 0 && { groups }),
    ...(hosts && hosts.length > 0 && { hosts }),
  };
}

/** Refuses hosts that do not exist. */
export async function refuseUnknownHosts(platform: Platform, { hosts }: Match): Promise<void> {
  if (!hosts || hosts.length === 0) return;
  const { rows } = await platform.db.$client.execute({
    sql: 'select id from host where id in (select value from json_each(?))',
    args: [JSON.stringify(hosts)],
  });
  const known = new Set(rows.map((row) => Number(row.id)));
  const index = hosts.findIndex((id) => !known.has(id));
  if (index >= 0) throw refuseField(`match.hosts[${index}]`, `there is no host ${hosts[index]}`);
}
