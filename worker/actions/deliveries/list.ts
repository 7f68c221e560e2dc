import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { DeliveryPage } from './model.ts';

export async function listDeliveries(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<DeliveryPage> {
  throw new Problem('internal', { detail: 'not written yet' });
}
