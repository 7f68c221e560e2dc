import type { Actor, Platform } from '#worker/platform.ts';
import { nothing } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { RuleModel } from './model.ts';
import { readRules } from './read.ts';

/** Which notices reach which channel. */
export async function listRules(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<RuleModel[]> {
  permit(actor, 'viewer');
  parseInput(nothing, input);
  return readRules(platform);
}
