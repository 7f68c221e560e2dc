import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { LocationModel } from './model.ts';

export async function updateLocation(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<LocationModel> {
  throw new Problem('internal', { detail: 'not written yet' });
}
