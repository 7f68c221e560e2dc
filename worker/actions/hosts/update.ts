import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { HostAnswer } from './model.ts';

export async function updateHost(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<HostAnswer> {
  throw new Problem('internal', { detail: 'not written yet' });
}
