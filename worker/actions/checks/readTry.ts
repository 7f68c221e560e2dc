import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { TryModel } from './model.ts';

export async function readTry(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<TryModel> {
  throw new Problem('internal', { detail: 'not written yet' });
}
