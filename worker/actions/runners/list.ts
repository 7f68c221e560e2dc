import type { Actor, Platform } from '#worker/platform.ts';
import { nothing } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { RunnerModel } from './model.ts';
import { readRunners } from './read.ts';

export async function listRunners(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<RunnerModel[]> {
  permit(actor, 'viewer');
  parseInput(nothing, input);
  return readRunners(platform);
}
