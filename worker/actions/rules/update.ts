import * as z from 'zod';
import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { idField } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { matchField, refuseUnknownHosts, storedMatch } from './input.ts';
import type { RuleModel } from './model.ts';
import { readRules } from './read.ts';

export const rulePatch = z.strictObject({
  id: idField,
  match: matchField.optional(),
  from: z.enum(['degraded', 'down']).optional(),
  fleet: z.boolean().optional(),
});

/** What is not named stays; `match` is replaced as a whole. */
export async function updateRule(
  platform: Platform,
  actor: Actor,
  input: unknown,
): Promise<RuleModel> {
  permit(actor, 'owner');
  const { id, match, from, fleet } = parseInput(rulePatch, input);
  const before = (await readRules(platform)).find((each) => each.id === id);
  if (!before) throw new Problem('not_found', { detail: `There is no rule ${id}.` });
  if (match) await refuseUnknownHosts(platform, match);
  const after = {
    ...before,
    match: match ? storedMatch(match) : before.match,
    from: from ?? before.from,
    fleet: fleet ?? before.fleet,
  };
  await write(platform.db, [
    {
      sql: 'update rule set match = ?, from_status = ?, fleet = ? where id = ?',
      args: [JSON.stringify(storedMatch(after.match)), after.from, after.fleet ? 1 : 0, id],
    },
    auditRow(platform, actor, {
      action: 'rule.update',
      subject: `rule ${id} for ${before.channel}`,
      before,
      after,
    }),
  ]);
  return after;
}
