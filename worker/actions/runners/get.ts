import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { byId } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { RunnerModel } from './model.ts';
import { readRunners } from './read.ts';

/** One runner, with how it is. */
export async function getRunner(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<RunnerModel> {
  permit(actor, 'viewer');
  const { id } = parseInput(byId, input);
  const [runner] = await readRunners(platform, id);
  if (!runner) throw new Problem('not_found', { detail: `There is no runner ${id}.` });
  return runner;
}
