import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { byId } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { readTokens } from './read.ts';

/** Refused from the next call on. */
export async function revokeToken(platform: Platform, actor: Actor, input: unknown): Promise<void> {
  permit(actor, 'owner');
  const { id } = parseInput(byId, input);
  const before = (await readTokens(platform)).find((each) => each.id === id);
  if (!before) throw new Problem('not_found', { detail: `There is no token ${id}.` });
  await write(platform.db, [
    { sql: 'delete from token where id = ?', args: [id] },
    auditRow(platform, actor, {
      action: 'token.revoke',
      subject: `token ${before.name}`,
      before,
      after: null,
    }),
  ]);
}
