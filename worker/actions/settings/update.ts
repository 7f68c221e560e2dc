import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { outdateSnapshot } from '#worker/snapshot/mark.ts';
import { forgetPage } from '#worker/snapshot/memory.ts';
import { auditRow } from '../auditRow.ts';
import { parseInput, refuseField } from '../parse.ts';
import { permit } from '../permit.ts';
import { getSettings } from './get.ts';
import { type SettingsModel, settingsPatch } from './model.ts';
import { settingsStatements } from './statements.ts';

/** What is not named stays. */
export async function updateSettings(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<SettingsModel> {
  permit(actor, 'owner');
  const patch = parseInput(settingsPatch, input);
  if (patch.fromWorker === true && platform.outside === undefined) {
    throw refuseField('fromWorker', 'is not possible on this runtime');
  }
  const before = await getSettings(platform, actor, {});
  await write(platform.db, [
    ...settingsStatements(patch),
    outdateSnapshot,
    auditRow(platform, actor, {
      action: 'settings.update',
      subject: 'settings',
      before,
      after: input,
    }),
  ]);
  forgetPage(platform);
  return getSettings(platform, actor, {});
}
