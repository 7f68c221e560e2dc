import { bumpConfig, fleetStatement } from '#db/plan.ts';
import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { byId } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { readLocations } from './read.ts';

/** Removes a location where no runner stands and which no check names. */
export async function removeLocation(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<void> {
  permit(actor, 'owner');
  const { id } = parseInput(byId, input);
  const [before] = await readLocations(platform, id);
  if (!before) throw new Problem('not_found', { detail: `There is no location ${id}.` });
  const use = await usesOf(platform, id);
  if (before.runners.length > 0) use.unshift(`runners stand there: ${before.runners.join(', ')}`);
  if (use.length > 0) {
    throw new Problem('conflict', { detail: `${before.name} is in use: ${use.join('; ')}.` });
  }
  await write(platform.db, [
    {
      sql: `update runner set location_id = null where location_id = ? and status = 'revoked'`,
      args: [id],
    },
    { sql: 'delete from join_code where location_id = ?', args: [id] },
    { sql: 'delete from location where id = ?', args: [id] },
    ...bumpConfig(),
    fleetStatement,
    auditRow(platform, actor, {
      action: 'location.remove',
      subject: `location ${id} (${before.name})`,
      before,
      after: null,
    }),
  ]);
}

/** The checks that name it, in words. */
async function usesOf(platform: Platform, id: number): Promise<string[]> {
  const { rows } = await platform.db.$client.execute({
    sql: `select distinct h.name from check_ c join host h on h.id = c.host_id
          where c.deleted_at is null and (
            exists (select 1 from json_each(c.locations) where value = ?1) or
            exists (select 1 from json_each(c.policy, '$.locations') where value = ?1))
          limit 5`,
    args: [id],
  });
  return rows.length === 0
    ? []
    : [`checks of these hosts name it: ${rows.map((row) => String(row.name)).join(', ')}`];
}
