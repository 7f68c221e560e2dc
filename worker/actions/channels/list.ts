import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { ChannelModel } from './model.ts';

export async function listChannels(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<ChannelModel[]> {
  throw new Problem('internal', { detail: 'not written yet' });
}
