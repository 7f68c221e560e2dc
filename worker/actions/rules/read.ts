import { asc, eq } from 'drizzle-orm';
import { channel, rule } from '#db/schema.ts';
import type { Platform } from '#worker/platform.ts';
import type { RuleModel } from './model.ts';

/** All rules by channel. */
export function readRules({ db }: Platform): Promise<RuleModel[]> {
  const { id, channelId, match, from, fleet } = rule;
  return db
    .select({ id, channelId, channel: channel.name, match, from, fleet })
    .from(rule)
    .innerJoin(channel, eq(channel.id, rule.channelId))
    .orderBy(asc(channel.name), asc(rule.id));
}
