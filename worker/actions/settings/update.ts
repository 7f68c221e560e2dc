import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { SettingsModel } from './model.ts';

export async function updateSettings(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<SettingsModel> {
  throw new Problem('internal', { detail: 'not written yet' });
}
