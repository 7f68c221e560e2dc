import type { Platform } from '#worker/platform.ts';
import type { JoinCodeModel } from './model.ts';

/** The codes that still open the door, the newest first. */
export async function readJoinCodes(platform: Platform): Promise<JoinCodeModel[]> {
  const { rows } = await platform.db.$client.execute({
    sql: `select j.hash, j.name, l.name as location, j.uses_left, j.expires_at from join_code j
          left join location l on l.id = j.location_id
          where j.uses_left > 0 and j.expires_at > ? order by j.created_at desc`,
    args: [platform.now()],
  });
  return rows.map((row) => ({
    id: String(row.hash),
    name: row.name === null ? null : String(row.name),
    location: row.location === null ? null : String(row.location),
    usesLeft: Number(row.uses_left),
    expiresAt: Number(row.expires_at),
  }));
}
