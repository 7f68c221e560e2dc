import { formatDuration } from '#core/duration.ts';
import { readChosenPlans } from '#worker/meter/plans.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { readFromWorker, readJoinPolicy, readSettings } from '#worker/settings.ts';
import { nothing } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { SettingsModel } from './model.ts';

export async function getSettings(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<SettingsModel> {
  permit(actor, 'viewer');
  parseInput(nothing, input);
  const [{ title, revealDetails, flushMs }, { database, worker }, joinPolicy, fromWorker] =
    await Promise.all([
      readSettings(platform),
      readChosenPlans(platform),
      readJoinPolicy(platform),
      readFromWorker(platform),
    ]);
  return {
    title,
    revealDetails,
    flush: flushMs === null ? null : formatDuration(flushMs),
    planDatabase: database,
    planWorker: worker,
    joinPolicy,
    fromWorker,
  };
}
