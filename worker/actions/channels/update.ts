import * as z from 'zod';
import { write } from '#db/write.ts';
import { isChannelKind } from '#worker/notify/index.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { idField, nameField } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { ChannelModel } from './model.ts';
import { channelModelOf, readChannelRows } from './read.ts';
import { overlaySettings, storeSettings } from './settings.ts';

export const channelPatch = z.strictObject({
  id: idField,
  name: nameField().optional(),
  enabled: z.boolean().optional(),
  settings: z
    .looseObject({})
    .optional()
    .meta({ description: 'what is absent is kept, secrets too; null takes a setting away' }),
});

/** Secrets are written, never read: absent = kept. */
export async function updateChannel(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<ChannelModel> {
  permit(actor, 'owner');
  const { id, name, enabled, settings } = parseInput(channelPatch, input);
  const before = (await readChannelRows(platform)).find((each) => each.id === id);
  if (!before) throw new Problem('not_found', { detail: `There is no channel ${id}.` });
  const stored =
    settings && isChannelKind(before.kind)
      ? await storeSettings(
          platform,
          before.kind,
          await overlaySettings(platform, { ...before, kind: before.kind }, settings),
        )
      : { config: before.config, secrets: before.secrets };
  const after = {
    ...before,
    ...stored,
    name: name ?? before.name,
    enabled: enabled ?? before.enabled,
  };
  await write(platform.db, [
    {
      sql: 'update channel set name = ?, enabled = ?, config = ?, secrets = ? where id = ?',
      args: [after.name, after.enabled ? 1 : 0, JSON.stringify(after.config), after.secrets, id],
    },
    auditRow(platform, actor, {
      action: 'channel.update',
      subject: `channel ${id} (${after.name})`,
      before: channelModelOf(before),
      after: channelModelOf(after),
    }),
  ]);
  return channelModelOf(after);
}
