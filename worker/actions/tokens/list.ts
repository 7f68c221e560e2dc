import type { Actor, Platform } from '#worker/platform.ts';
import { nothing } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { TokenModel } from './model.ts';
import { readTokens } from './read.ts';

/** The tokens by name; what they say is not kept. */
export async function listTokens(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<TokenModel[]> {
  permit(actor, 'owner');
  parseInput(nothing, input);
  return readTokens(platform);
}
