import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { HostModel } from './model.ts';

export async function getHost(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<HostModel> {
  throw new Problem('internal', { detail: 'not written yet' });
}
