import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { JoinCodeModel } from './model.ts';

export async function listJoinCodes(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<JoinCodeModel[]> {
  throw new Problem('internal', { detail: 'not written yet' });
}
