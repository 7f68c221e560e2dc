// History into the database. Every line may come twice: what is there stays, what is missing is added, and a slot of a
// ring is only overwritten by what is newer.
import type { InStatement } from '@libsql/client';
import { base64url } from 'jose';
import { blockOf } from '#core/store/segment.ts';
import { barKey, chunkKey, hourOf, weekKey } from '#db/history.ts';
import { packStates, parseStates, type States } from '#db/states.ts';
import { write } from '#db/write.ts';
import { base64url as text64 } from '#worker/crypto/hash.ts';
import { newCursor, parseCursor } from '#worker/history/cursor.ts';
import { type Keeping, ringsFor } from '#worker/history/rings.ts';
import { packEntries, parseEntries } from '#worker/history/rollDay.ts';
import type { Platform } from '#worker/platform.ts';
import { Problem } from '#worker/problem.ts';
import type { Line, TableName } from './lines.ts';

/** Where a check lives here. */
export interface Place {
  shard: number;
  position: number;
  hostId: number;
}

export interface Target {
  platform: Platform;
  keeping: Keeping;
  /** By id here. */
  places: ReadonlyMap<number, Place>;
}

/** Lines of one table, their checks by ids here. */
type Writer<Name extends TableName> = (target: Target, lines: Array<Line<Name>>) => Promise<void>;

export const WRITERS: { [Name in TableName]: Writer<Name> } = {
  shard_state: writeStates,
  incident: writeIncidents,
  flip: ({ platform }, lines) =>
    all(platform, lines, ({ check, at, from, to, voices, ...flip }) => ({
      sql: `insert into flip (check_id, from_status, to_status, level, at, since_at, rule, code, text, voices)
            select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 where not exists (
              select 1 from flip where check_id = ?1 and at = ?5 and from_status = ?2 and to_status = ?3)`,
      args: [
        ...[check, from, to, flip.level, at, flip.sinceAt],
        ...[flip.rule, flip.code, flip.text, JSON.stringify(voices)],
      ],
    })),
  event: ({ platform }, lines) =>
    all(platform, lines, ({ at, kind, text, body }) => ({
      sql: `insert into event (at, kind, text, body) select ?1, ?2, ?3, ?4
            where not exists (select 1 from event where at = ?1 and kind = ?2 and text = ?3)`,
      args: [at, kind, text, body === null ? null : JSON.stringify(body)],
    })),
  chunk: ({ platform, ...target }, lines) =>
    all(platform, lines, ({ check, hour, body, carry }) => ({
      sql: `insert into chunk (k, hour, body, carry) values (?, ?, ?, ?) on conflict (k) do update
            set hour = excluded.hour, body = excluded.body, carry = excluded.carry
            where excluded.hour > hour`,
      args: [
        keyOf(target, hour, check),
        hour,
        ...[body, carry].map((each) => base64url.decode(each)),
      ],
    })),
  metric: ({ platform, ...target }, lines) =>
    all(platform, lines, ({ check, hour, body }) => ({
      sql: `insert into metric (k, hour, body) values (?, ?, ?) on conflict (k) do update
            set hour = excluded.hour, body = excluded.body where excluded.hour > hour`,
      args: [keyOf(target, hour, check), hour, body],
    })),
  hours: ({ platform, keeping }, lines) =>
    writeMerged(
      platform,
      lines.map(({ check, week, body }) => ({
        k: weekKey(keeping.weeks, check, week),
        turn: week,
        body,
      })),
      {
        read: 'select k, week as turn, body from hours where k in (select value from json_each(?))',
        put: `insert into hours (k, week, body) values (?1, ?2, ?3)
              on conflict (k) do update set week = excluded.week, body = excluded.body
              where week = ?4 and body = ?5`,
      },
    ),
  days: ({ platform }, lines) =>
    writeMerged(
      platform,
      lines.map(({ check, body }) => ({ k: check, turn: 0, body })),
      {
        read: `select check_id as k, 0 as turn, body from days
               where check_id in (select value from json_each(?))`,
        put: `insert into days (check_id, body) select ?1, ?3 where ?2 = 0
              on conflict (check_id) do update set body = excluded.body where ?4 = 0 and body = ?5`,
      },
    ),
  bar: ({ platform, places }, lines) =>
    all(platform, lines, ({ check, days, hours }) => {
      const { shard, position } = places.get(check) as Place;
      const one = (stretches: object) => JSON.stringify({ [check]: stretches });
      return {
        sql: `insert into bar (k, days, hours) values (?, ?, ?) on conflict (k) do update
              set days = json_patch(excluded.days, days), hours = json_patch(excluded.hours, hours)`,
        args: [barKey(shard, blockOf(position)), one(days), one(hours)],
      };
    }),
};

function keyOf({ keeping, places }: Omit<Target, 'platform'>, hour: number, check: number) {
  return chunkKey(ringsFor(keeping, places.get(check)?.hostId ?? 0), hour, check);
}

async function all<L>(
  { db }: Platform,
  lines: readonly L[],
  statement: (line: L) => InStatement,
): Promise<void> {
  await write(db, lines.map(statement));
}

const TRIES = 5;

/** Tries until nobody was quicker. */
async function untilWritten(attempt: () => Promise<boolean>): Promise<void> {
  for (let left = TRIES; left > 0; left--) if (await attempt()) return;
  throw new Problem('busy', { headers: { 'retry-after': '2' } });
}

interface Merged {
  k: number;
  turn: number;
  body: string;
}

/** Rows that hold several stretches, each with its own time: those that are missing are added. */
async function writeMerged(
  { db }: Platform,
  lines: readonly Merged[],
  sql: { read: string; put: string },
): Promise<void> {
  await untilWritten(async () => {
    const { rows } = await db.$client.execute({
      sql: sql.read,
      args: [JSON.stringify(lines.map(({ k }) => k))],
    });
    const held = new Map(rows.map((row) => [Number(row.k), row]));
    const statements = lines.flatMap(({ k, turn, body }): InStatement[] => {
      const theirs = base64url.decode(body);
      const row = held.get(k);
      if (!row) return [{ sql: sql.put, args: [k, turn, theirs, turn, theirs] }];
      if (Number(row.turn) > turn) return [];
      const ours = new Uint8Array(row.body as ArrayBuffer);
      const body_ = Number(row.turn) === turn ? union(ours, theirs) : theirs;
      if (text64(body_) === text64(ours)) return [];
      return [{ sql: sql.put, args: [k, turn, body_, Number(row.turn), ours] }];
    });
    if (statements.length === 0) return true;
    const written = await write(db, statements);
    return written.every(({ rowsAffected }) => rowsAffected === 1);
  });
}

function union(ours: Uint8Array, theirs: Uint8Array): Uint8Array<ArrayBuffer> {
  const entries = new Map([...parseEntries(theirs), ...parseEntries(ours)]);
  return packEntries([...entries]);
}

/** Of checks nobody has judged here. The next tick judges them anew, from there. */
async function writeStates(target: Target, lines: Array<Line<'shard_state'>>): Promise<void> {
  const { platform, places } = target;
  const byShard = Map.groupBy(lines, ({ check }) => (places.get(check) as Place).shard);
  for (const [shard, own] of byShard) {
    await untilWritten(async () => {
      const { version, states } = await readStates(platform, shard);
      const missing = own.filter(({ check }) => isUnjudged(states, check));
      if (missing.length === 0) return true;
      for (const { table: _, check, ...state } of missing) {
        states.set(check, { ...state, checkId: check });
      }
      const writeId = text64(platform.random(9));
      const [written] = await write(platform.db, [
        {
          sql: `insert into shard_state (shard, version, write_id, due_at, body) select ?1, 1, ?2, ?3, ?4
                where ?5 = 0 or exists (select 1 from shard_state where shard = ?1)
                on conflict (shard) do update set version = version + 1, write_id = excluded.write_id,
                  due_at = excluded.due_at, body = excluded.body where version = ?5`,
          args: [shard, writeId, platform.now(), packStates(states), version],
        },
      ]);
      return written?.rowsAffected === 1;
    });
  }
}

function isUnjudged(states: States, check: number): boolean {
  const state = states.get(check);
  return state === undefined || (state.status === 'unknown' && state.incident === null);
}

async function readStates({ db }: Platform, shard: number) {
  const { rows } = await db.$client.execute({
    sql: 'select version, body from shard_state where shard = ?',
    args: [shard],
  });
  return {
    version: Number(rows[0]?.version ?? 0),
    states: parseStates(rows[0]?.body as string | undefined),
  };
}

/** One that was open stays so only where the check is held to be in it; else it ended when that was seen at the latest. */
async function writeIncidents(target: Target, lines: Array<Line<'incident'>>): Promise<void> {
  const { platform, places } = target;
  const open = lines.filter(({ closedAt }) => closedAt === null);
  const shards = new Set(open.map(({ check }) => (places.get(check) as Place).shard));
  const held: States = new Map();
  for (const shard of shards) {
    for (const [check, state] of (await readStates(platform, shard)).states) held.set(check, state);
  }
  await all(platform, lines, ({ check, ...incident }) => {
    const state = held.get(check);
    const goesOn = state?.incident?.openedAt === incident.openedAt;
    const endedAt = Math.max(incident.openedAt, state?.sinceAt ?? 0);
    return {
      sql: `insert into incident (check_id, opened_at, closed_at, worst, code, text, found_at, began_at, ended_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (check_id, opened_at) do nothing`,
      args: [
        ...[check, incident.openedAt, incident.closedAt ?? (goesOn ? null : endedAt)],
        ...[incident.worst, incident.code, incident.text],
        ...[incident.foundAt, incident.beganAt, incident.endedAt],
      ],
    };
  });
}

/** Before any history: folding begins with the present hour, so that what is restored is not folded over. */
export async function beginFolding({ platform, places }: Target): Promise<void> {
  const now = platform.now();
  const shards = new Set([...places.values()].map(({ shard }) => shard));
  await write(
    platform.db,
    [...shards].map((shard) => firstFold(shard, now)),
  );
}

export function firstFold(shard: number, now: number): InStatement {
  const { shard: _, version: __, ...cursor } = { ...newCursor(shard, now), hour: hourOf(now) };
  return {
    sql: 'insert into folded (shard, version, body) values (?, 1, ?) on conflict (shard) do nothing',
    args: [shard, JSON.stringify(cursor)],
  };
}

const SHARD_SIZE = 1000;

/** After all of it: days that were not summed up yet are to be. */
export async function sumUpDays(
  { platform, places }: Target,
  [from, to]: readonly [number, number],
): Promise<void> {
  const shards = new Set([...places.values()].map(({ shard }) => shard));
  for (const shard of shards) {
    await untilWritten(async () => {
      const { rows } = await platform.db.$client.execute({
        sql: 'select shard, version, body from folded where shard = ?',
        args: [shard],
      });
      if (!rows[0]) return true;
      const { shard: _, version, ...cursor } = parseCursor(rows[0]);
      const wanted = Array.from({ length: Math.min(400, to - from + 1) }, (_, n) => to - n)
        .filter((day) => day < cursor.day && !cursor.days.some((each) => each.day === day))
        .map((day) => ({ day, position: 0, toPosition: SHARD_SIZE }));
      if (wanted.length === 0) return true;
      const body = JSON.stringify({ ...cursor, days: [...cursor.days, ...wanted] });
      const [written] = await write(platform.db, [
        {
          sql: 'update folded set version = version + 1, body = ? where shard = ? and version = ?',
          args: [body, shard, version],
        },
      ]);
      return written?.rowsAffected === 1;
    });
  }
}
