import { ruleOf } from '#db/rows/rule.ts';
import type { Platform } from '#worker/platform.ts';
import type { RuleModel } from './model.ts';

/** All rules by channel. */
export async function readRules({ db }: Platform): Promise<RuleModel[]> {
  const { rows } = await db.$client.execute(
    `select r.*, c.name as channel from rule r join channel c on c.id = r.channel_id order by c.name, r.id`,
  );
  return rows.map((row) => ({ ...ruleOf(row), channel: String(row.channel) }));
}
