// The history's share of the minute's work: the oldest thing that is due, one slice at a time, each in one atomic
// write that also moves the cursor. Killed anywhere, the next tick goes on where the last write ended.
import type { InStatement, ResultSet } from '@libsql/client';
import { Outcomes } from '#core/store/outcome.ts';
import { readSegments } from '#core/store/segment.ts';
import { RING_SPANS, SPAN_MS, spanKey, spanOf } from '#db/db.ts';
import { DAY_MS, dayOf, HOUR_MS, hourOf } from '#db/history.ts';
import { SHARD_SIZE } from '#db/place.ts';
import { write } from '#db/write.ts';
import { configurationOf, flushMsOf } from '#worker/ingest/configuration.ts';
import type { Platform } from '#worker/platform.ts';
import {
  type Again,
  advance,
  type Cursor,
  DAY_SLICE,
  FOLD_AFTER_MS,
  HALF,
  NOTHING_NEW,
  newCursor,
  parseCursor,
  SLICE,
  wantAgain,
} from './cursor.ts';
import { type FoldedSlice, foldSlice } from './foldSlice.ts';
import { lagMs, reportCorrupt, reportLost, tellBehind } from './report.ts';
import { type Keeping, oldestHour, readKeeping, removeOldRings } from './rings.ts';
import { rollDay } from './rollDay.ts';
import {
  keysOf,
  readAfter,
  readSlice,
  runnerOfSpanKey,
  type SliceContext,
  type SliceMaterial,
  type SliceWanted,
} from './slice.ts';

/** A span of late arrivals is looked at from this long after its end. */
const LATE_AFTER_MS = 60_000;
/** Spans of late arrivals that may pass before an idle cursor is written down. */
const IDLE_SPANS = 32;

export interface HistoryWork {
  /** Slices done. */
  slices: number;
  /** How long the oldest hour that is due has been due, over all shards. */
  lagMs: number;
}

/** Does at most `slices` slices of what is due. */
export async function keepHistory(
  platform: Platform,
  slices: number,
  configVersion = 0,
): Promise<HistoryWork> {
  const now = platform.now();
  const { cursors, ends, keeping } = await readCursors(platform, now);
  let done = 0;
  for (let index = 0; index < cursors.length && done < slices; ) {
    const cursor = cursors[index] as Cursor;
    const end = ends.get(cursor.shard) ?? 0;
    const moved = await stepShard(platform, cursor, { keeping, now, configVersion, end });
    if (moved === null) index++;
    else {
      cursors[index] = moved;
      done++;
    }
  }
  if (done === 0) await removeOldRings(platform, keeping, now);
  const worst = Math.max(0, ...cursors.map((cursor) => lagMs(cursor, now)));
  for (const cursor of cursors) await tellBehind(platform, cursor, now);
  return { slices: done, lagMs: worst };
}

interface Cursors {
  /** The one that is furthest behind first. */
  cursors: Cursor[];
  /** By shard: positions up to the last one in use. */
  ends: Map<number, number>;
  keeping: Keeping;
}

async function readCursors(platform: Platform, now: number): Promise<Cursors> {
  const [shards, rows, keeping] = await platform.db.$client.batch(
    [
      `select s.id, (select max(position) from check_ where shard = s.id and deleted_at is null) as last
       from shard s order by s.id`,
      'select shard, version, body from folded',
      readKeeping.sql,
    ],
    'read',
  );
  const held = new Map((rows?.rows ?? []).map((row) => [Number(row.shard), parseCursor(row)]));
  const ends = new Map(
    (shards?.rows ?? []).map(({ id, last }) => [
      Number(id),
      Math.min(SHARD_SIZE, last === null ? 0 : Number(last) + 1),
    ]),
  );
  const cursors = [...ends.keys()].map((id) => held.get(id) ?? newCursor(id, now));
  cursors.sort((a, b) => a.hour - b.hour || a.shard - b.shard);
  return { cursors, ends, keeping: readKeeping.parse(keeping) };
}

/** One slice of what is due in a shard; null = nothing is, or somebody else was quicker. */
async function stepShard(
  platform: Platform,
  cursor: Cursor,
  {
    keeping,
    now,
    configVersion,
    end,
  }: { keeping: Keeping; now: number; configVersion: number; end: number },
): Promise<Cursor | null> {
  const configuration = await configurationOf(platform, cursor.shard, configVersion);
  const context: SliceContext = {
    fleet: configuration.fleet,
    flushMs: flushMsOf(platform, configuration),
    keeping,
    now,
    today: dayOf(cursor.hour * HOUR_MS),
  };
  if (cursor.version === 0) return commit(platform, cursor, cursor, []);
  const skipped = await skipEmptyHours(platform, cursor, now);
  if (skipped) return skipped;
  if (cursor.remade.length > 0)
    return commit(platform, cursor, remadeOf(cursor, keeping, now, end), []);
  if (now >= (cursor.hour + 1) * HOUR_MS + FOLD_AFTER_MS)
    return foldNext(platform, cursor, context, end);
  const scanned = await scanLate(platform, cursor, context);
  if (scanned) return scanned;
  const again = cursor.again.find(({ hour }) => hour < cursor.hour);
  if (again) return foldAgain(platform, cursor, context, again);
  return rollNext(platform, cursor, context, end);
}

/** More of a ring's rows than this are there: results came all the time, and the oldest were overwritten. */
const RING_FULL = RING_SPANS - 16;

/** After a long stop: on to the first hour of which there is anything. Null = this one is to be folded. */
async function skipEmptyHours(
  platform: Platform,
  cursor: Cursor,
  now: number,
): Promise<Cursor | null> {
  const oldest = hourOf((spanOf(now) - RING_SPANS + 2) * SPAN_MS);
  if (cursor.hour >= oldest) return null;
  const keys = [spanKey(cursor.shard, 0, 0), spanKey(cursor.shard + 1, 0, 0) - 1];
  const { rows } = await platform.db.$client.execute({
    sql: 'select k, span from recent where k between ? and ? and span >= ?',
    args: [...keys, spanOf(cursor.hour * HOUR_MS)],
  });
  const first = rows.reduce((least, row) => Math.min(least, Number(row.span)), spanOf(now));
  const hour = Math.min(oldest, hourOf(first * SPAN_MS));
  if (hour <= cursor.hour) return null;
  const ring = Map.groupBy(
    rows.filter((row) => Number(row.span) > spanOf(now) - RING_SPANS),
    (row) => runnerOfSpanKey(Number(row.k)),
  );
  if ([...ring.values()].some((own) => own.length > RING_FULL)) {
    await reportLost(platform, cursor, hour);
  }
  return commit(platform, cursor, { ...cursor, hour, position: 0 }, []);
}

/** What was asked to be made anew, as slices of hours that no day sums up yet and as days. */
function remadeOf(cursor: Cursor, { rings }: Keeping, now: number, end: number): Cursor {
  let { again, days } = cursor;
  for (const { fromAt, toAt } of cursor.remade) {
    const firstHour = Math.max(hourOf(fromAt), oldestHour(rings, now));
    const lastHour = Math.min(hourOf(toAt - 1), cursor.hour);
    const openHour = (cursor.day * DAY_MS) / HOUR_MS;
    for (let hour = Math.max(firstHour, openHour); hour <= lastHour; hour++) {
      for (let slice = 0; slice * SLICE < end; slice++) {
        again = wantAgain(again, { hour, slice, ...NOTHING_NEW });
      }
    }
    for (let day = dayOf(firstHour * HOUR_MS); day <= dayOf(lastHour * HOUR_MS); day++) {
      for (let position = 0; position < end; position += SLICE) {
        if (day > cursor.day || (day === cursor.day && position >= cursor.dayPosition)) break;
        days = wantDay(days, day, position);
      }
    }
  }
  return { ...cursor, remade: [], again, days };
}

async function commit(
  platform: Platform,
  cursor: Cursor,
  next: Cursor,
  statements: InStatement[],
): Promise<Cursor | null> {
  const results = await write(platform.db, [...statements, advance(cursor, next)]);
  if (results.at(-1)?.rowsAffected !== 1) return null;
  return { ...next, version: cursor.version + 1 };
}

function batchOf(platform: Platform): (statements: InStatement[]) => Promise<ResultSet[]> {
  return (statements) => platform.db.$client.batch(statements, 'read');
}

async function foldNext(
  platform: Platform,
  cursor: Cursor,
  context: SliceContext,
  end: number,
): Promise<Cursor | null> {
  const { shard, hour, position } = cursor;
  const wanted: SliceWanted = {
    shard,
    hour,
    fromPosition: position,
    toPosition: position + SLICE,
    ...NOTHING_NEW,
    withRecent: true,
    again: false,
  };
  const last = position + SLICE >= end;
  const next: Cursor = {
    ...cursor,
    hour: last ? hour + 1 : hour,
    position: last ? 0 : position + SLICE,
  };
  if (position >= end) return commit(platform, cursor, next, []);
  const material = await readSlice(batchOf(platform), wanted, context);
  const folded = foldSlice(cursor, wanted, material, context);
  return keepFolded(platform, cursor, next, { wanted, material, folded });
}

/**
 * From what is kept and what came late. Only where a run is open at the end, or something kept is corrupt, what arrived
 * in time and the hour after are read too; those are two slices of their own, since all together are too much for one.
 */
async function foldAgain(
  platform: Platform,
  cursor: Cursor,
  context: SliceContext,
  asked: Again,
): Promise<Cursor | null> {
  const { hour, slice, fromSpan, toSpan, whole = false, half = false } = asked;
  const middle = slice * SLICE + HALF;
  const wanted: SliceWanted = {
    shard: cursor.shard,
    hour,
    fromPosition: half ? middle : slice * SLICE,
    toPosition: whole && !half ? middle : (slice + 1) * SLICE,
    fromSpan,
    toSpan,
    withRecent: whole && hour >= cursor.hour - 1,
    again: true,
  };
  const material = await readSlice(batchOf(platform), wanted, context);
  if (whole) await readAfter(batchOf(platform), wanted, context, material);
  const folded = foldSlice(cursor, wanted, material, context);
  const corrupt = [...material.kept.values()].some(({ chunk }) => chunk === null);
  const instead = (next: Again) => cursor.again.map((each) => (each === asked ? next : each));
  if (!whole && (folded.open || corrupt)) {
    const again = instead({ ...asked, whole: true });
    return commit(platform, cursor, { ...cursor, again }, []);
  }
  const again =
    whole && !half
      ? instead({ ...asked, half: true })
      : cursor.again.filter((each) => each !== asked);
  return keepFolded(platform, cursor, { ...cursor, again }, { wanted, material, folded });
}

/** Writes what came of a slice, and notes what follows from it for its neighbours and its day. */
async function keepFolded(
  platform: Platform,
  cursor: Cursor,
  next: Cursor,
  {
    wanted,
    material,
    folded,
  }: { wanted: SliceWanted; material: SliceMaterial; folded: FoldedSlice },
): Promise<Cursor | null> {
  const { hour, fromPosition } = wanted;
  const slice = Math.floor(fromPosition / SLICE);
  let { again, days } = next;
  if (folded.beforeWrong) again = wantAgain(again, { hour: hour - 1, slice, ...NOTHING_NEW });
  const followed = hour + 1 < next.hour || (hour + 1 === next.hour && fromPosition < next.position);
  if (folded.endMoved && followed) {
    again = wantAgain(again, { hour: hour + 1, slice, ...NOTHING_NEW });
  }
  const day = dayOf(hour * HOUR_MS);
  const summed = day < next.day || (day === next.day && fromPosition < next.dayPosition);
  if (wanted.again && folded.changed && summed) days = wantDay(days, day, slice * SLICE);
  await reportCorrupt(platform, material.corrupt);
  return commit(platform, cursor, { ...next, again, days }, folded.statements);
}

function wantDay(days: Cursor['days'], day: number, position: number): Cursor['days'] {
  const toPosition = position + SLICE;
  const others = days.filter((each) => each.day !== day || each.toPosition !== toPosition);
  return [...others, { day, position, toPosition }];
}

/** Looks through what arrived late and notes which hours it belongs to. */
async function scanLate(
  platform: Platform,
  cursor: Cursor,
  context: SliceContext,
): Promise<Cursor | null> {
  const { shard } = cursor;
  const to = spanOf(context.now - LATE_AFTER_MS) - 1;
  const from = Math.max(cursor.span, to - RING_SPANS + 2);
  if (from > to) return null;
  const keys = keysOf(shard, context.fleet, from, to);
  const found = await platform.db.$client.execute({
    sql: `select r.span from json_each(?) j join backfill r on r.k = j.value ->> 0 and r.span = j.value ->> 1
          order by r.span limit 1`,
    args: [JSON.stringify(keys)],
  });
  const span = found.rows[0] === undefined ? null : Number(found.rows[0].span);
  if (span === null) {
    const idle = to - cursor.span >= IDLE_SPANS;
    return idle ? commit(platform, cursor, { ...cursor, span: to + 1 }, []) : null;
  }
  const rows = await platform.db.$client.execute({
    sql: `select r.k, r.b0, r.b1, r.b2, r.b3 from json_each(?) j
          join backfill r on r.k = j.value ->> 0 and r.span = j.value ->> 1`,
    args: [JSON.stringify(keysOf(shard, context.fleet, span, span))],
  });
  const wanted = new Set<number>();
  const corrupt: string[] = [];
  for (const row of rows.rows) {
    for (const column of ['b0', 'b1', 'b2', 'b3']) {
      const bytes = new Uint8Array(row[column] as ArrayBuffer);
      const read = readSegments(bytes, new Outcomes(), (position, at) => {
        wanted.add(hourOf(at) * 8 + Math.floor(position / SLICE));
      });
      if (read.corrupt > 0) corrupt.push(`late results, row ${Number(row.k)}`);
    }
  }
  await reportCorrupt(platform, corrupt);
  let { again } = cursor;
  for (const each of wanted) {
    const [hour, slice] = [Math.floor(each / 8), each % 8];
    again = wantAgain(again, { hour, slice, fromSpan: span, toSpan: span });
  }
  return commit(platform, cursor, { ...cursor, span: span + 1, again }, []);
}

/** Sums up the next slice of a day that is over, then of days that changed since they were. */
async function rollNext(
  platform: Platform,
  cursor: Cursor,
  { keeping }: SliceContext,
  end: number,
): Promise<Cursor | null> {
  const { shard, day, dayPosition } = cursor;
  if (dayOf(cursor.hour * HOUR_MS) > day) {
    const last = dayPosition + DAY_SLICE >= end;
    const next: Cursor = {
      ...cursor,
      day: last ? day + 1 : day,
      dayPosition: last ? 0 : dayPosition + DAY_SLICE,
    };
    if (end === 0) return commit(platform, cursor, next, []);
    const wanted = { shard, day, fromPosition: dayPosition, again: false };
    return roll(
      platform,
      cursor,
      next,
      { ...wanted, toPosition: dayPosition + DAY_SLICE },
      keeping,
    );
  }
  const [first, ...rest] = cursor.days;
  if (!first) return null;
  const toPosition = Math.min(first.position + DAY_SLICE, first.toPosition);
  const left = toPosition < first.toPosition ? [{ ...first, position: toPosition }] : [];
  const wanted = { shard, day: first.day, fromPosition: first.position, toPosition, again: true };
  return roll(platform, cursor, { ...cursor, days: [...left, ...rest] }, wanted, keeping);
}

async function roll(
  platform: Platform,
  cursor: Cursor,
  next: Cursor,
  wanted: Parameters<typeof rollDay>[2],
  keeping: Keeping,
): Promise<Cursor | null> {
  const { statements, corrupt } = await rollDay(batchOf(platform), cursor, wanted, keeping);
  await reportCorrupt(platform, corrupt);
  return commit(platform, cursor, next, statements);
}

/** The first moment that is not folded yet in a shard. */
export function foldedUntil(cursor: Pick<Cursor, 'hour'>): number {
  return cursor.hour * HOUR_MS;
}
