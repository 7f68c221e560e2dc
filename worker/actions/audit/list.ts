import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { AuditPage } from './model.ts';

export async function listAudit(
  _platform: Platform,
  _actor: Actor,
  _input: unknown,
): Promise<AuditPage> {
  throw new Problem('internal', { detail: 'not written yet' });
}
