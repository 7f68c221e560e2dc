// Batch 2: everything that follows from a decision, in one write that only takes effect when nothing the decision
// rests on has changed since it was read (DESIGN §4, the race any-up invites).
import type { InStatement } from '@libsql/client';
import { viewKey, viewKeysOf } from '#db/db.ts';
import { packStates } from '#db/states.ts';
import { write } from '#db/write.ts';
import { base64url } from '#worker/crypto/hash.ts';
import { enqueue } from '#worker/outbox.ts';
import type { Platform } from '#worker/platform.ts';
import type { Change, Decision } from './decide.ts';
import type { AddressedNotice } from './notices.ts';
import type { Snapshot } from './snapshot.ts';

/** Writes the decision; false when somebody wrote a view or the states meanwhile. */
export async function commit(
  platform: Platform,
  snapshot: Snapshot,
  decision: Decision,
  notices: readonly AddressedNotice[],
): Promise<boolean> {
  const writeId = base64url(platform.random(9));
  const won = {
    sql: '(select write_id from shard_state where shard = ?) = ?',
    args: [snapshot.shard, writeId],
  };
  const guarded = (sql: string, args: Array<string | number>): InStatement => ({
    sql: `${sql} ${won.sql}`,
    args: [...args, ...won.args],
  });
  const [first] = await write(platform.db, [
    stateStatement(snapshot, decision, writeId),
    ...rowsOf(decision, guarded),
    ...(notices.length > 0 ? enqueue([...notices], decision.at, won) : []),
    guarded(
      `update view set judged_seq = j.value ->> 1 from json_each(?) j
       where view.k = j.value ->> 0 and view.judged_seq < j.value ->> 1 and`,
      [
        JSON.stringify(
          snapshot.views.map(({ runnerId, seq }) => [viewKey(snapshot.shard, runnerId), seq]),
        ),
      ],
    ),
  ]);
  return first?.rowsAffected === 1;
}

/** The guard: the states are at the version read, and the view rows add up to the numbers read (they only rise). */
function stateStatement(snapshot: Snapshot, decision: Decision, writeId: string): InStatement {
  const { shard, version, views } = snapshot;
  const read = views.reduce((sum, { seq }) => sum + seq, 0);
  const [from, to] = viewKeysOf(shard);
  const body = packStates(decision.states);
  const unchanged = '(select coalesce(sum(seq), 0) from view where k between ? and ?) = ?';
  if (version === 0) {
    return {
      sql: `insert into shard_state (shard, version, write_id, due_at, body) select ?, 1, ?, ?, ?
            where ${unchanged} on conflict (shard) do nothing`,
      args: [shard, writeId, decision.dueAt, body, from, to, read],
    };
  }
  return {
    sql: `update shard_state set version = version + 1, write_id = ?, due_at = ?, body = ?
          where shard = ? and version = ? and ${unchanged}`,
    args: [writeId, decision.dueAt, body, shard, version, from, to, read],
  };
}

type Guarded = (sql: string, args: Array<string | number>) => InStatement;

/** Flips and incidents, one statement for all of each sort. */
function rowsOf(decision: Decision, guarded: Guarded): InStatement[] {
  const flips: unknown[] = [];
  const opened: unknown[] = [];
  const worsened: unknown[] = [];
  const closed: unknown[] = [];
  for (const change of decision.changes) collect(change, { flips, opened, worsened, closed });
  for (const { checkId, openedAt } of decision.orphans)
    closed.push([checkId, openedAt, decision.at]);
  const statements: InStatement[] = [];
  const add = (rows: unknown[], sql: string) => {
    if (rows.length > 0) statements.push(guarded(sql, [JSON.stringify(rows)]));
  };
  add(
    flips,
    `insert into flip (check_id, from_status, to_status, level, at, since_at, rule, code, text, voices)
     select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
       value ->> 8, value -> 9 from json_each(?) where`,
  );
  add(
    opened,
    `insert or ignore into incident (check_id, opened_at, worst, code, text)
     select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 from json_each(?) where`,
  );
  add(
    worsened,
    `update incident set worst = j.value ->> 2 from json_each(?) j
     where incident.check_id = j.value ->> 0 and incident.opened_at = j.value ->> 1 and`,
  );
  add(
    closed,
    `update incident set closed_at = j.value ->> 2 from json_each(?) j
     where incident.check_id = j.value ->> 0 and incident.opened_at = j.value ->> 1 and`,
  );
  return statements;
}

function collect(
  { check, verdict, events }: Change,
  rows: Record<'flips' | 'opened' | 'worsened' | 'closed', unknown[]>,
): void {
  const { checkId } = check;
  for (const event of events) {
    switch (event.type) {
      case 'flip': {
        const { from, to, level, at, sinceAt, rule, code, text } = event.flip;
        const voices = verdict.locations.map((each) => [
          each.locationId,
          each.status,
          each.missing,
          each.code,
        ]);
        rows.flips.push([checkId, from, to, level, at, sinceAt, rule, code, text, voices]);
        break;
      }
      case 'incident.opened':
        rows.opened.push([checkId, event.openedAt, event.status, verdict.code, verdict.text]);
        break;
      case 'incident.worsened':
        rows.worsened.push([checkId, event.openedAt, event.worst]);
        break;
      case 'incident.closed':
        rows.closed.push([checkId, event.openedAt, event.closedAt]);
        break;
    }
  }
}
