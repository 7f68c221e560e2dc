import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { RunnerModel } from './model.ts';

export async function updateRunner(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<RunnerModel> {
  throw new Problem('internal', { detail: 'not written yet' });
}
