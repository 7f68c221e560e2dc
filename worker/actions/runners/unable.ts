import * as z from 'zod';
import { isAssigned } from '#core/assign.ts';
import { isReasonCode, publicReason, REASONS } from '#core/reason.ts';
import { hasVote } from '#core/view.ts';
import { shardOfViewKey, viewKey } from '#db/db.ts';
import { parseFleet, parsePlan } from '#db/plan.ts';
import { VIEW_COLUMNS, viewRecord } from '#db/views.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { byId } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';

/** More of them say no more. */
const MOST = 100;

export const unableModel = z.object({
  hostId: z.int(),
  host: z.string(),
  checkId: z.int(),
  /** Empty when the target says enough. */
  check: z.string(),
  kind: z.string(),
  target: z.string(),
  code: z.string(),
  text: z.string(),
  /** What its owner does; empty = nothing is known to help. */
  mend: z.string(),
});

export type UnableModel = z.output<typeof unableModel>;

/** The checks that a runner cannot measure, and why; the first hundred by host. */
export async function listUnable(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<UnableModel[]> {
  permit(actor, 'viewer');
  const { id } = parseInput(byId, input);
  const reasons = await reasonsOf(platform, id);
  if (reasons.size === 0) return [];
  const { rows } = await platform.db.$client.execute({
    sql: `select c.id, c.name, c.kind, c.target, h.id as host_id, h.name as host from check_ c join host h on h.id = c.host_id
          where c.id in (select value from json_each(?)) and c.deleted_at is null order by h.name, c.id limit ?`,
    args: [JSON.stringify([...reasons.keys()]), MOST],
  });
  return rows.map((row) => {
    const { code = '', text = '' } = reasons.get(Number(row.id)) ?? {};
    return {
      hostId: Number(row.host_id),
      host: String(row.host),
      checkId: Number(row.id),
      check: String(row.name),
      kind: String(row.kind),
      target: String(row.target),
      code,
      text: text || publicReason(code),
      mend: isReasonCode(code) ? REASONS[code].mend : '',
    };
  });
}

/** By check: two rows a shard, and two more. */
async function reasonsOf(
  { db, now }: Platform,
  runnerId: number,
): Promise<Map<number, { code: string; text: string }>> {
  const [runner, fleetRow, plans, views] = await db.$client.batch(
    [
      { sql: 'select 1 from runner where id = ?', args: [runnerId] },
      `select value from setting where key = 'fleet'`,
      'select id, plan from shard',
      {
        sql: `select ${VIEW_COLUMNS} from view v where v.k in (select id * ${viewKey(1, 0)} + ? from shard)`,
        args: [runnerId],
      },
    ],
    'read',
  );
  if (runner?.rows.length === 0) {
    throw new Problem('not_found', { detail: `There is no runner ${runnerId}.` });
  }
  const fleet = parseFleet(fleetRow?.rows[0]?.value as string | undefined);
  const me = fleet.runners.find(({ id }) => id === runnerId);
  const reasons = new Map<number, { code: string; text: string }>();
  if (me === undefined) return reasons;
  const held = new Map(
    (views?.rows ?? []).map((row) => [shardOfViewKey(Number(row.k)), viewRecord(row).row]),
  );
  for (const shard of plans?.rows ?? []) {
    const row = held.get(Number(shard.id));
    if (!row) continue;
    for (const check of parsePlan(String(shard.plan)).byId.values()) {
      const view = row.get(check.position);
      if (view?.rev !== check.rev || !view.unable || hasVote(view, now())) continue;
      // What was given to others or is paused still stands in its row.
      if (check.paused || !isAssigned(check, me, fleet.locations)) continue;
      reasons.set(check.checkId, view.unable);
    }
  }
  return reasons;
}
