import type { Actor, Platform } from '#worker/platform.ts';
import { nothing } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { ChannelModel } from './model.ts';
import { channelModelOf, readChannelRows } from './read.ts';

/** The channels by name, never their secrets. */
export async function listChannels(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<ChannelModel[]> {
  permit(actor, 'viewer');
  parseInput(nothing, input);
  return (await readChannelRows(platform)).map(channelModelOf);
}
