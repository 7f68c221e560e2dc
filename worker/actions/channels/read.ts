import { asc } from 'drizzle-orm';
import { channel } from '#db/schema.ts';
import type { Platform } from '#worker/platform.ts';
import type { ChannelModel } from './model.ts';

type ChannelRow = typeof channel.$inferSelect;

export function readChannelRows({ db }: Platform): Promise<ChannelRow[]> {
  return db.select().from(channel).orderBy(asc(channel.name), asc(channel.id));
}

/** Without its secrets. */
export function channelModelOf(row: ChannelRow): ChannelModel {
  const { id, name, kind, enabled, config, secrets, createdAt } = row;
  return { id, name, kind, enabled, settings: config, hasSecrets: secrets !== '', createdAt };
}
