import { write } from '#db/write.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { byId } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { readRules } from './read.ts';

export async function removeRule(platform: Platform, actor: Actor, input: unknown): Promise<void> {
  permit(actor, 'owner');
  const { id } = parseInput(byId, input);
  const before = (await readRules(platform)).find((each) => each.id === id);
  if (!before) throw new Problem('not_found', { detail: `There is no rule ${id}.` });
  await write(platform.db, [
    { sql: 'delete from rule where id = ?', args: [id] },
    auditRow(platform, actor, {
      action: 'rule.remove',
      subject: `rule ${id} for ${before.channel}`,
      before,
      after: null,
    }),
  ]);
}
