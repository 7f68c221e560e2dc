import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { TestReceipt } from './model.ts';

export async function testChannel(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<TestReceipt> {
  throw new Problem('internal', { detail: 'not written yet' });
}
