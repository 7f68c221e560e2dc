import type { Actor, Platform } from '#worker/platform.ts';
import { nothing } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import type { MaintenanceModel } from './model.ts';
import { readMaintenanceRows } from './read.ts';

/** Planned work, that which ends last first; at most 500. */
export async function listMaintenances(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<MaintenanceModel[]> {
  permit(actor, 'viewer');
  parseInput(nothing, input);
  return readMaintenanceRows(platform);
}
