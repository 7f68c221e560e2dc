// The rows of a host that stands for a runner's own machine, as statements of one batch.
import type { InStatement } from '@libsql/client';
import type { Place } from '#db/place.ts';
import { insertCheck, updateCheck } from '#worker/actions/hosts/statements.ts';
import type { Platform } from '#worker/platform.ts';
import type { Announced } from '../host.ts';

/** The host itself, once. */
export function newHost(platform: Platform, runnerId: number, name: string): InStatement {
  return {
    sql: 'insert into host (name, created_at, runner_id) values (?, ?, ?)',
    args: [name, platform.now(), runnerId],
  };
}

/** A check the worker does not have: new, or one that the runner has again after a while. */
export function addCheck(
  platform: Platform,
  hostId: number | null,
  { row, draft, placing, key, text }: Announced,
  place: Place,
): InStatement[] {
  const { shard, position } = place;
  if (row === null) {
    return [
      insertCheck(platform, hostId ?? 'newest', draft, placing, place),
      {
        sql: `update check_ set announced_key = ?, announced = ?
              where shard = ? and position = ? and deleted_at is null`,
        args: [key, text, shard, position],
      },
    ];
  }
  return [
    {
      sql: `update check_ set deleted_at = null, shard = ?, position = ?, announced = ?, rev =
              (select max(rev) from check_ where id = ? or (shard = ? and position = ?))
            where id = ?`,
      args: [shard, position, text, row.id, shard, position, row.id],
    },
    updateCheck(row.id, draft, placing, true),
  ];
}

/** What the runner says anew of a check; one that the owner removed stays removed, one that is paused stays paused. */
export function changeCheck(row: NonNullable<Announced['row']>, said: Announced): InStatement[] {
  const { draft, placing, text } = said;
  const renewed = JSON.stringify(row.config) !== JSON.stringify(draft.config);
  return [
    updateCheck(row.id, { ...draft, paused: row.paused }, placing, renewed),
    { sql: 'update check_ set announced = ? where id = ?', args: [text, row.id] },
  ];
}

/** The runner has these no more. */
export function markGone(ids: readonly number[]): InStatement {
  return {
    sql: 'update check_ set announced = null where id in (select value from json_each(?))',
    args: [JSON.stringify(ids)],
  };
}

/** A host on which nothing is left goes too. */
export function removeEmptyHost(runnerId: number): InStatement {
  return {
    sql: `delete from host where runner_id = ? and not exists (
            select 1 from check_ where host_id = host.id and deleted_at is null)`,
    args: [runnerId],
  };
}
