import * as z from 'zod';
import { duration } from '#core/duration.ts';
import { bumpConfig, fleetStatement } from '#db/plan.ts';
import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { outdateSnapshot } from '#worker/snapshot/mark.ts';
import { auditRow } from '../auditRow.ts';
import { nameField } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { getSettings } from './get.ts';
import type { SettingsModel } from './model.ts';

export const settingsPatch = z.strictObject({
  title: nameField().optional(),
  revealDetails: z.boolean().optional(),
  flush: duration(1000, 300_000).nullable().optional().meta({
    description: 'how often runners post, like "15s"; null = as the platform says',
  }),
});

/** What is not named stays. */
export async function updateSettings(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<SettingsModel> {
  permit(actor, 'owner');
  const { title, revealDetails, flush } = parseInput(settingsPatch, input);
  const before = await getSettings(platform, actor, {});
  await write(platform.db, [
    ...keep('title', title),
    ...keep('reveal_details', revealDetails),
    ...keep('flush_ms', flush),
    outdateSnapshot,
    ...(flush === undefined ? [] : [...bumpConfig(), fleetStatement]),
    auditRow(platform, actor, {
      action: 'settings.update',
      subject: 'settings',
      before,
      after: input,
    }),
  ]);
  return getSettings(platform, actor, {});
}

/** Undefined leaves it, null goes back to the default. */
function keep(key: string, value: unknown) {
  if (value === undefined) return [];
  if (value === null) return [{ sql: 'delete from setting where key = ?', args: [key] }];
  return [
    {
      sql: `insert into setting (key, value) values (?, ?)
            on conflict (key) do update set value = excluded.value`,
      args: [key, JSON.stringify(value)],
    },
  ];
}
