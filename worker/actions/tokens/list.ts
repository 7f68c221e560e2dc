import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { TokenModel } from './model.ts';

export async function listTokens(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<TokenModel[]> {
  throw new Problem('internal', { detail: 'not written yet' });
}
