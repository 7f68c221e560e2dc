import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { IncidentPage } from './model.ts';

export async function listIncidents(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<IncidentPage> {
  throw new Problem('internal', { detail: 'not written yet' });
}
