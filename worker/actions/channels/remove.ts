import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { byId } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { channelModelOf, readChannelRows } from './read.ts';

/** Removes a channel with its rules; what was still owed to it is given up. */
export async function removeChannel(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<void> {
  permit(actor, 'owner');
  const { id } = parseInput(byId, input);
  const before = (await readChannelRows(platform)).find((each) => each.id === id);
  if (!before) throw new Problem('not_found', { detail: `There is no channel ${id}.` });
  await write(platform.db, [
    { sql: 'delete from rule where channel_id = ?', args: [id] },
    {
      sql: `update delivery set status = 'failed', last_error = 'the channel was removed'
            where channel_id = ? and status = 'owed'`,
      args: [id],
    },
    { sql: 'delete from channel where id = ?', args: [id] },
    auditRow(platform, actor, {
      action: 'channel.remove',
      subject: `channel ${id} (${before.name})`,
      before: channelModelOf(before),
      after: null,
    }),
  ]);
}
