import type { WorkerKind } from '#core/checks/index.ts';
import type { Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';

export interface WorkerCheck {
  hostId: number;
  /** With the name of its host. */
  name: string;
  level: number | null;
  text: string;
}

/** A check that the worker answers itself, of one of these kinds; `otherwise` says what others are not. */
export async function readWorkerCheck(
  { db }: Platform,
  id: number,
  kinds: readonly WorkerKind[],
  otherwise: string,
): Promise<WorkerCheck> {
  const { rows } = await db.$client.execute({
    sql: `select c.host_id, c.kind, c.target, h.name, a.level, a.text from check_ c join host h on h.id = c.host_id
          left join answered a on a.check_id = c.id where c.id = ? and c.deleted_at is null`,
    args: [id],
  });
  const [row] = rows;
  if (!row) throw new Problem('not_found', { detail: `There is no check ${id}.` });
  if (!(kinds as readonly string[]).includes(String(row.kind))) {
    throw new Problem('conflict', { detail: `Check ${id} ${otherwise}: it is ${row.kind}.` });
  }
  return {
    hostId: Number(row.host_id),
    name: `${row.name} / ${row.target}`,
    level: row.level === null ? null : Number(row.level),
    text: String(row.text ?? ''),
  };
}
