import * as z from 'zod';
import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { auditRow } from '../auditRow.ts';
import { readChannelRows } from '../channels/read.ts';
import { idField } from '../fields.ts';
import { parseInput, refuseField } from '../parse.ts';
import { permit } from '../permit.ts';
import { matchField, refuseUnknownHosts, storedMatch } from './input.ts';
import type { RuleModel } from './model.ts';

export const ruleInput = z.strictObject({
  channelId: idField,
  match: matchField.default({}),
  from: z.enum(['degraded', 'down']).default('down'),
  fleet: z.boolean().default(false).meta({ description: 'messages about Anyup itself too' }),
});

export async function createRule(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<RuleModel> {
  permit(actor, 'owner');
  const { channelId, from, fleet, ...parsed } = parseInput(ruleInput, input);
  const channel = (await readChannelRows(platform)).find(({ id }) => id === channelId);
  if (!channel) throw refuseField('channelId', `there is no channel ${channelId}`);
  await refuseUnknownHosts(platform, parsed.match);
  const row = { channelId, match: storedMatch(parsed.match), from, fleet };
  const [inserted] = await write(platform.db, [
    {
      sql: 'insert into rule (channel_id, match, from_status, fleet) values (?, ?, ?, ?) returning id',
      args: [channelId, JSON.stringify(row.match), from, fleet ? 1 : 0],
    },
    auditRow(platform, actor, {
      action: 'rule.create',
      subject: `rule for ${channel.name}`,
      before: null,
      after: row,
    }),
  ]);
  return { id: Number(inserted?.rows[0]?.id), ...row, channel: channel.name };
}
