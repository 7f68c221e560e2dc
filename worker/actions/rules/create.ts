import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { RuleModel } from './model.ts';

export async function createRule(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<RuleModel> {
  throw new Problem('internal', { detail: 'not written yet' });
}
