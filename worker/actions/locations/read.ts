import type { Platform } from '#worker/platform.ts';
import type { LocationModel } from './model.ts';

/** All locations by name, or the one with this id. */
export async function readLocations(platform: Platform, id?: number): Promise<LocationModel[]> {
  const { rows } = await platform.db.$client.execute({
    sql: `select l.id, l.name, l.enabled, l.tags, l.created_at, (
            select json_group_array(r.name) from runner r
            where r.location_id = l.id and r.status <> 'revoked') as runners
          from location l where ?1 is null or l.id = ?1 order by l.name`,
    args: [id ?? null],
  });
  return rows.map((row) => ({
    id: Number(row.id),
    name: String(row.name),
    enabled: Number(row.enabled) === 1,
    tags: JSON.parse(String(row.tags)) as string[],
    createdAt: Number(row.created_at),
    runners: JSON.parse(String(row.runners)) as string[],
  }));
}
