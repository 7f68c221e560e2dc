import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { NewToken } from './model.ts';

export async function createToken(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<NewToken> {
  throw new Problem('internal', { detail: 'not written yet' });
}
