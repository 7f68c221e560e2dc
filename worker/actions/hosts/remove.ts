import { bumpConfig, planStatements } from '#db/plan.ts';
import { write } from '#db/write.ts';
import { answerQuietly } from '#worker/answers/look.ts';
import type { Actor, Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import { auditRow } from '../auditRow.ts';
import { byId } from '../fields.ts';
import { parseInput } from '../parse.ts';
import { permit } from '../permit.ts';
import { readCheckRows, readHosts } from './read.ts';
import { removeChecksOf } from './statements.ts';

/** Removes a host and its checks; runners learn of it from the checks' tombstones. */
export async function removeHost(platform: Platform, actor: Actor, input: unknown): Promise<void> {
  permit(actor, 'editor');
  const { id } = parseInput(byId, input);
  const [[before], rows] = await Promise.all([
    readHosts(platform, id),
    readCheckRows(platform, id),
  ]);
  if (!before) throw new Problem('not_found', { detail: `There is no host ${id}.` });
  await write(platform.db, [
    ...bumpConfig(),
    ...removeChecksOf(platform, id),
    { sql: 'delete from host where id = ?', args: [id] },
    auditRow(platform, actor, {
      action: 'host.remove',
      subject: `host ${id} (${before.name})`,
      before,
      after: null,
    }),
    ...[...new Set(rows.map(({ shard }) => shard))].flatMap(planStatements),
  ]);
  platform.defer(() => answerQuietly(platform));
}
