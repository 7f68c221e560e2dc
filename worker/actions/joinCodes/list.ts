import type { Actor, Platform } from '#worker/platform.ts';
import { nothing } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { JoinCodeModel } from './model.ts';
import { readJoinCodes } from './read.ts';

/** The codes that can still be used; the codes themselves are not kept. */
export async function listJoinCodes(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<JoinCodeModel[]> {
  permit(actor, 'viewer');
  parseInput(nothing, input);
  return readJoinCodes(platform);
}
