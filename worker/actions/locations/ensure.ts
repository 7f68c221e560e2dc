import type { InStatement } from '@libsql/client';
import type { Platform } from '#worker/platform.ts';

/** Makes a location of this name unless there is one; `fleetStatement` has to follow in the batch. */
export function ensureLocation({ now }: Platform, name: string): InStatement {
  return {
    sql: 'insert into location (name, created_at) values (?, ?) on conflict (name) do nothing',
    args: [name, now()],
  };
}
