import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { NewJoinCode } from './model.ts';

export async function createJoinCode(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<NewJoinCode> {
  throw new Problem('internal', { detail: 'not written yet' });
}
