// Messages are owed by the same write that decides them; sending is another matter (dispatch.ts).
import type { InStatement, InValue } from '@libsql/client';
import type { Notice } from '#core/notice.ts';

/** A condition on which the rows depend: that the caller's own write in the same batch won. */
export interface Guard {
  sql: string;
  args: InValue[];
}

/** Statements that owe each notice to its channels, for the caller's batch; what is owed already is not owed again. */
export function enqueue(
  notices: ReadonlyArray<{ notice: Notice; channelIds: readonly number[] }>,
  now: number,
  guard: Guard = { sql: 'true', args: [] },
): InStatement[] {
  const owed = notices.filter(({ channelIds }) => channelIds.length > 0);
  if (owed.length === 0) return [];
  return [
    {
      sql: `insert into delivery (channel_id, notice_key, notice, due_at, created_at)
            select target.value, item.value ->> '$.notice.key', item.value -> '$.notice', ?, ?
            from json_each(?) item, json_each(item.value, '$.channelIds') target
            where ${guard.sql}
            on conflict (notice_key, channel_id) do nothing`,
      args: [now, now, JSON.stringify(owed), ...guard.args],
    },
  ];
}
