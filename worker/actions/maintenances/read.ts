import type { Row } from '@libsql/client';
import type { Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { MaintenanceModel } from './model.ts';

const COLUMNS = 'id, title, note, hosts, groups, from_at, until_at';

/** Newest first. */
export async function readMaintenanceRows({ db }: Pick<Platform, 'db'>) {
  const { rows } = await db.$client.execute(
    `select ${COLUMNS} from maintenance order by until_at desc, id desc limit 500`,
  );
  return rows.map(maintenanceOf);
}

export async function readMaintenance({ db }: Platform, id: number): Promise<MaintenanceModel> {
  const { rows } = await db.$client.execute({
    sql: `select ${COLUMNS} from maintenance where id = ?`,
    args: [id],
  });
  if (!rows[0]) throw new Problem('not_found', { detail: `There is no maintenance ${id}.` });
  return maintenanceOf(rows[0]);
}

export function maintenanceOf(row: Row): MaintenanceModel {
  const list = <T>(value: unknown) => (value === null ? null : (JSON.parse(String(value)) as T[]));
  return {
    id: Number(row.id),
    title: String(row.title),
    note: String(row.note),
    hosts: list<number>(row.hosts),
    groups: list<string>(row.groups),
    from: Number(row.from_at),
    until: Number(row.until_at),
  };
}
