import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { forgetPage } from '#worker/snapshot/memory.ts';
import { auditRow } from '../auditRow.ts';
import { byId } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { readMaintenance } from './read.ts';
import { followingStatements } from './store.ts';

/** Takes planned work back: what happened in it counts again, as far back as readings are kept. */
export async function removeMaintenance(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<void> {
  permit(actor, 'editor');
  const { id } = parseInput(byId, input);
  const before = await readMaintenance(platform, id);
  await write(platform.db, [
    { sql: 'delete from maintenance where id = ?', args: [id] },
    ...followingStatements(platform, [before]),
    auditRow(platform, actor, {
      action: 'maintenance.remove',
      subject: `maintenance ${id} (${before.title})`,
      before,
      after: null,
    }),
  ]);
  forgetPage(platform);
}
