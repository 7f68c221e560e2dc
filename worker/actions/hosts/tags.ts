import type { Platform } from '#worker/platform.ts';

/** The tags of each host and of its checks, each once. */
export async function readTags({ db }: Platform): Promise<Map<number, string[]>> {
  const { rows } = await db.$client.execute(
    `select h.id, j.value as tag from host h, json_each(h.tags) j
     union select c.host_id, j.value from check_ c, json_each(c.tags) j where c.deleted_at is null`,
  );
  const tags = new Map<number, string[]>();
  for (const row of rows) {
    const id = Number(row.id);
    tags.set(id, [...(tags.get(id) ?? []), String(row.tag)]);
  }
  return tags;
}
