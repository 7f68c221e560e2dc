import * as z from 'zod';
import { write } from '#db/write.ts';
import { CHANNEL_KINDS, type ChannelKindName } from '#worker/notify/index.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { auditRow } from '../auditRow.ts';
import { nameField } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { ChannelModel } from './model.ts';
import { channelModelOf } from './read.ts';
import { storeSettings } from './settings.ts';

export const channelInput = z.strictObject({
  name: nameField(),
  kind: z.enum(CHANNEL_KINDS as [ChannelKindName, ...ChannelKindName[]]),
  enabled: z.boolean().default(true),
  settings: z.looseObject({}),
});

/** A channel, with a rule that sends everything to it from down on. */
export async function createChannel(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<ChannelModel> {
  permit(actor, 'owner');
  const { name, kind, enabled, settings } = parseInput(channelInput, input);
  const stored = await storeSettings(platform, kind, settings);
  const row = { name, kind, enabled, ...stored, createdAt: platform.now() };
  const results = await write(platform.db, [
    {
      sql: `insert into channel (name, kind, enabled, config, secrets, created_at) values (?, ?, ?, ?, ?, ?)`,
      args: [name, kind, enabled ? 1 : 0, JSON.stringify(row.config), row.secrets, row.createdAt],
    },
    `insert into rule (channel_id, match, from_status, fleet) select max(id), '{}', 'down', 1 from channel`,
    auditRow(platform, actor, {
      action: 'channel.create',
      subject: { newest: 'channel', name },
      before: null,
      after: { name, kind, enabled, settings: stored.config, hasSecrets: stored.secrets !== '' },
    }),
    'select max(id) as id from channel',
  ]);
  return channelModelOf({ id: Number(results.at(-1)?.rows[0]?.id), ...row });
}
