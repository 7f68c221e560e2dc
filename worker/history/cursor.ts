// How far the history of a shard is folded, in one row. Its version guards everything that is folded from it: of two
// ticks at once one writes, and a tick that died has written nothing.
import type { InStatement, Row } from '@libsql/client';
import { SPAN_MS } from '#db/db.ts';
import { DAY_MS, hourOf } from '#db/history.ts';

/** An hour is folded from this long after its end: by then what belongs to it has arrived or is late. */
export const FOLD_AFTER_MS = 120_000;
/** Checks folded in one go: what fits 10 ms of CPU at the edge. */
export const SLICE = 125;
/** Of a slice that is read whole: twice as much is read for each check. */
export const HALF = Math.ceil(SLICE / 2);
/** Checks whose day is summed up in one go. */
export const DAY_SLICE = 4;

/** A slice of an hour that is to be folded again, with what arrived for it in these spans (`from` > `to`: nothing new). */
export interface Again {
  hour: number;
  slice: number;
  fromSpan: number;
  toSpan: number;
  /** What is kept and what came late was not enough: what arrived in time, and the hour after, are to be read too. */
  whole?: boolean;
  /** Of the whole the first half is done. */
  half?: boolean;
}

export interface Remade {
  fromAt: number;
  toAt: number;
}

export interface Cursor {
  shard: number;
  /** 0 = there is no row yet. */
  version: number;
  /** The first hour that is not folded whole, and the first position of it that is not. */
  hour: number;
  position: number;
  /** The first span of late arrivals that was not looked at. */
  span: number;
  again: Again[];
  /** The first day that is not summed up whole, and the first position of it that is not. */
  day: number;
  dayPosition: number;
  /** Days to sum up again, by block of positions to do. */
  days: Array<{ day: number; position: number; toPosition: number }>;
  /** Planned work was announced, moved or taken back: figures of these times are to be made anew. */
  remade: Remade[];
  /** That it is behind was told. */
  toldBehind: boolean;
}

/** Of a shard nobody has folded: it begins with the hour before the present one. */
export function newCursor(shard: number, now: number): Cursor {
  return {
    shard,
    version: 0,
    hour: hourOf(now) - 1,
    position: 0,
    span: Math.floor(now / SPAN_MS) - 1,
    again: [],
    day: Math.floor((now - 2 * SPAN_MS) / DAY_MS),
    dayPosition: 0,
    days: [],
    remade: [],
    toldBehind: false,
  };
}

export function parseCursor(row: Row): Cursor {
  const body = JSON.parse(String(row.body)) as Omit<Cursor, 'shard' | 'version'>;
  return {
    ...body,
    remade: body.remade ?? [],
    shard: Number(row.shard),
    version: Number(row.version),
  };
}

/** The oldest span of late arrivals that is still to be folded into some hour. */
export function waitingSince(row: Row): number {
  const { span, again } = parseCursor(row);
  return again.reduce(
    (oldest, { fromSpan, toSpan }) => (fromSpan <= toSpan ? Math.min(oldest, fromSpan) : oldest),
    span,
  );
}

/** Moves the cursor on, last in the batch of what was folded; `rowsAffected` 0 = somebody else did. */
export function advance(from: Cursor, to: Omit<Cursor, 'shard' | 'version'>): InStatement {
  const { shard, version } = from;
  const { shard: _, version: __, ...body } = { ...to, shard, version };
  const json = JSON.stringify(body);
  if (version === 0) {
    return {
      sql: 'insert into folded (shard, version, body) values (?, 1, ?) on conflict (shard) do nothing',
      args: [shard, json],
    };
  }
  return {
    sql: 'update folded set version = version + 1, body = ? where shard = ? and version = ?',
    args: [json, shard, version],
  };
}

/** Asks every shard to make figures of a time anew; a fold that is under way loses its race and sees what changed. */
export function remake({ fromAt, toAt }: Remade): InStatement {
  return {
    sql: `update folded set version = version + 1, body = json_set(body, '$.remade',
            json_insert(coalesce(body -> '$.remade', json('[]')), '$[#]', json(?)))`,
    args: [JSON.stringify({ fromAt, toAt })],
  };
}

/** True while nobody moved the cursor since it was read: the condition of everything in the batch. */
export function unmoved({ shard, version }: Cursor): { sql: string; args: number[] } {
  return {
    sql: 'coalesce((select version from folded where shard = ?), 0) = ?',
    args: [shard, version],
  };
}

/** Wants a slice of an hour folded again; what is wanted already is widened. */
export function wantAgain(again: readonly Again[], wanted: Again): Again[] {
  const same = again.find(({ hour, slice }) => hour === wanted.hour && slice === wanted.slice);
  if (!same) return [...again, wanted].sort((a, b) => a.hour - b.hour || a.slice - b.slice);
  const empty = same.fromSpan > same.toSpan;
  const adds = wanted.fromSpan <= wanted.toSpan;
  const { half: _, ...both } = same;
  const widened: Again = {
    ...both,
    fromSpan: empty
      ? wanted.fromSpan
      : adds
        ? Math.min(same.fromSpan, wanted.fromSpan)
        : same.fromSpan,
    toSpan: empty ? wanted.toSpan : adds ? Math.max(same.toSpan, wanted.toSpan) : same.toSpan,
  };
  return again.map((each) => (each === same ? widened : each));
}

export const NOTHING_NEW = { fromSpan: 1, toSpan: 0 };
