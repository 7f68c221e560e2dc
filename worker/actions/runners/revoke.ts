import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';

export async function revokeRunner(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<void> {
  throw new Problem('internal', { detail: 'not written yet' });
}
