import * as z from 'zod';
import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { readJoinCodes } from './read.ts';

export const byCodeId = z.strictObject({ id: z.string().min(1).max(64) });

/** The code opens nothing from now on; runners that used it stay. */
export async function revokeJoinCode(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<void> {
  permit(actor, 'owner');
  const { id } = parseInput(byCodeId, input);
  const before = (await readJoinCodes(platform)).find((each) => each.id === id);
  if (!before) throw new Problem('not_found', { detail: 'There is no such code any more.' });
  await write(platform.db, [
    { sql: 'delete from join_code where hash = ?', args: [id] },
    auditRow(platform, actor, {
      action: 'joinCode.revoke',
      subject: `join code for ${before.location ?? 'a place the runner names'}`,
      before,
      after: null,
    }),
  ]);
}
