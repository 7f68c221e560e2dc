import { bumpConfig, fleetStatement } from '#db/plan.ts';
import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { byId } from '../fields.ts';
import { readLocations } from '../locations/read.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { readRunners } from './read.ts';

/** For good: its key is refused from now on. */
export async function revokeRunner(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<void> {
  permit(actor, 'owner');
  const { id } = parseInput(byId, input);
  const [before] = await readRunners(platform, id);
  if (!before) throw new Problem('not_found', { detail: `There is no runner ${id}.` });
  const locations = await readLocations(platform);
  const stands = locations.find(({ name }) => name === before.location);
  await write(platform.db, [
    ...bumpConfig(stands ? [stands.id] : []),
    { sql: `update runner set status = 'revoked' where id = ?`, args: [id] },
    fleetStatement,
    auditRow(platform, actor, {
      action: 'runner.revoke',
      subject: `runner ${id} (${before.name})`,
      before: { name: before.name, location: before.location, status: before.status },
      after: { status: 'revoked' },
    }),
  ]);
}
