import type { InStatement, InValue } from '@libsql/client';
import type { FoldedHour } from '#core/history/foldHour.ts';
import { badSpans, reconcile } from '#core/history/found.ts';
import { HOUR_MS } from '#db/history.ts';
import { type Cursor, unmoved } from './cursor.ts';
import { FOUND_CODE, type SliceMaterial } from './slice.ts';

/** Puts right what history knows better of incidents than was told (core/history/found.ts); owes no message. */
export function findingStatements(
  cursor: Cursor,
  { before, incidents }: SliceMaterial,
  folded: ReadonlyMap<number, FoldedHour>,
  hourAt: number,
  now: number,
): InStatement[] {
  const added: unknown[] = [];
  const adjusted: unknown[] = [];
  const removed: unknown[] = [];
  for (const [checkId, { chunk }] of folded) {
    const told = incidents.filter((each) => each.checkId === checkId);
    const openSince = before.get(checkId)?.openSince ?? null;
    if (told.length === 0 && openSince === null && chunk.merged.every(isGood)) continue;
    const spans = badSpans(chunk.merged, openSince, hourAt + HOUR_MS);
    const { add, adjust, remove } = reconcile(spans, told, hourAt, hourAt + HOUR_MS);
    for (const { openedAt, closedAt, worst } of add)
      added.push([checkId, openedAt, closedAt, worst]);
    for (const { openedAt, beganAt, endedAt } of adjust) {
      adjusted.push([checkId, openedAt, beganAt, endedAt]);
    }
    for (const openedAt of remove) removed.push([checkId, openedAt]);
  }
  const guard = unmoved(cursor);
  const guarded = (sql: string, rows: unknown[], before: InValue[] = []): InStatement[] =>
    rows.length === 0
      ? []
      : [{ sql: `${sql} ${guard.sql}`, args: [...before, JSON.stringify(rows), ...guard.args] }];
  return [
    ...guarded(
      `delete from incident where code = '${FOUND_CODE}'
         and (check_id, opened_at) in (select value ->> 0, value ->> 1 from json_each(?)) and`,
      removed,
    ),
    ...guarded(
      `insert or ignore into incident (check_id, opened_at, closed_at, worst, code, text, found_at)
       select value ->> 0, value ->> 1, value ->> 2, value ->> 3, '${FOUND_CODE}', '', ? from json_each(?) where`,
      added,
      [now],
    ),
    ...guarded(
      `update incident set found_at = ?, began_at = j.value ->> 2, ended_at = j.value ->> 3 from json_each(?) j
       where incident.check_id = j.value ->> 0 and incident.opened_at = j.value ->> 1 and`,
      adjusted,
      [now],
    ),
  ];
}

function isGood({ status }: { status: string }): boolean {
  return status === 'up' || status === 'unknown';
}
