import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { TryTicket } from './model.ts';

export async function tryCheck(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<TryTicket> {
  throw new Problem('internal', { detail: 'not written yet' });
}
