import type { Actor, Platform } from '#worker/platform.ts';
import { nothing } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { LocationModel } from './model.ts';
import { readLocations } from './read.ts';

export async function listLocations(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<LocationModel[]> {
  permit(actor, 'viewer');
  parseInput(nothing, input);
  return readLocations(platform);
}
