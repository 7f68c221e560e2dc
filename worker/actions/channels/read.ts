import { type ChannelRow, channelOf } from '#db/rows/channel.ts';
import type { Platform } from '#worker/platform.ts';
import type { ChannelModel } from './model.ts';

export async function readChannelRows({ db }: Platform): Promise<ChannelRow[]> {
  const { rows } = await db.$client.execute('select * from channel order by name, id');
  return rows.map(channelOf);
}

/** Without its secrets. */
export function channelModelOf(row: ChannelRow): ChannelModel {
  const { id, name, kind, enabled, config, secrets, createdAt } = row;
  return { id, name, kind, enabled, settings: config, hasSecrets: secrets !== '', createdAt };
}
