import * as z from 'zod';
import { ERROR, type Level, OK, WARNING } from '#core/level.ts';
import { write } from '#db/write.ts';
import { SET } from '#worker/answers/index.ts';
import { answerChecks } from '#worker/answers/look.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { idField } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { readWorkerCheck } from './workerCheck.ts';

export const statusInput = z.strictObject({
  id: idField,
  status: z.enum(['up', 'degraded', 'down']),
  note: z
    .string()
    .trim()
    .max(120)
    .regex(/^[^\p{Cc}]*$/u, { message: 'may not hold line breaks or control characters' })
    .default('')
    .meta({ description: 'why, in a sentence; shown beside the status' }),
});

const LEVELS: Record<'up' | 'degraded' | 'down', Level> = {
  up: OK,
  degraded: WARNING,
  down: ERROR,
};

/** Sets the status of a check that people set by hand; it counts at once, as if it had been measured. */
export async function setStatus(platform: Platform, actor: Actor, input: unknown): Promise<void> {
  permit(actor, 'editor');
  const { id, status, note } = parseInput(statusInput, input);
  const check = await readWorkerCheck(platform, id, SET, 'is not set by hand');
  const [updated] = await write(platform.db, [
    {
      sql: 'update answered set level = ?, code = ?, text = ?, last_at = ? where check_id = ?',
      args: [LEVELS[status], status === 'up' ? 'ok' : 'manual.set', note, platform.now(), id],
    },
    auditRow(platform, actor, {
      action: 'check.setStatus',
      subject: `check ${id} (${check.name})`,
      before: { level: check.level, note: check.text },
      after: { status, note },
    }),
  ]);
  if (updated?.rowsAffected === 0) {
    throw new Problem('conflict', { detail: 'The check was removed meanwhile.' });
  }
  await answerChecks(platform);
}
