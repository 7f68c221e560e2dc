// A slice of an hour: from what arrived and what is kept to what is kept from now on, in one guarded batch.
import type { InStatement } from '@libsql/client';
import { assignedLocations } from '#core/assign.ts';
import { encodeCarry } from '#core/history/carry.ts';
import { type Chunk, encodeChunk } from '#core/history/chunk.ts';
import { incidentsOf, timesOf } from '#core/history/figures.ts';
import { type FoldedHour, foldHour } from '#core/history/foldHour.ts';
import { confirms } from '#core/history/follow.ts';
import { type Readings, union, within } from '#core/history/readings.ts';
import { stretchesOf } from '#core/maintenance.ts';
import { blockOf } from '#core/store/segment.ts';
import { barKey, chunkKey, dayOf, HOUR_MS } from '#db/history.ts';
import {
  type PackedStretches,
  packStretch,
  parsePacked,
  type Stretch,
  settleDays,
} from './bars.ts';
import type { Cursor } from './cursor.ts';
import { unmoved } from './cursor.ts';
import { findingStatements } from './findings.ts';
import { metricStatements } from './metrics.ts';
import { ringsFor } from './rings.ts';
import type { SliceCheck, SliceContext, SliceMaterial, SliceWanted } from './slice.ts';

export interface FoldedSlice {
  statements: InStatement[];
  /** The hour before took an open run for something else than it came to. */
  beforeWrong: boolean;
  /** Where the hour ends is not where it ended when it was folded last. */
  endMoved: boolean;
  /** Something of the hour is different from what was kept. */
  changed: boolean;
  /** Some run is open at its end: what came after says what it comes to. */
  open: boolean;
}

interface Written {
  check: SliceCheck;
  body: Uint8Array;
  carry: Uint8Array;
}

export function foldSlice(
  cursor: Cursor,
  wanted: SliceWanted,
  material: SliceMaterial,
  context: SliceContext,
): FoldedSlice {
  const hourAt = wanted.hour * HOUR_MS;
  const outcome = { beforeWrong: false, endMoved: false, open: false };
  const written: Written[] = [];
  const folded = new Map<number, FoldedHour>();
  for (const check of material.checks) {
    const kept = material.kept.get(check.checkId);
    // What cannot be read cannot be united with anything; only what is still in its ring can stand in for it.
    if (kept?.chunk === null && !wanted.withRecent) continue;
    const result = foldCheck(check, hourAt, material, context);
    folded.set(check.checkId, result);
    if (isOpen(result)) outcome.open = true;
    if (isWrongBefore(check, hourAt, material, result)) outcome.beforeWrong = true;
    if (result.empty && !kept) continue;
    const { judging } = result.chunk;
    const body = encodeChunk(result.chunk, material.outcomes, hourAt);
    const carry = encodeCarry(result.carry, judging, hourAt + HOUR_MS);
    const moved = !kept || !equal(carry, kept.carryBytes);
    if (moved) outcome.endMoved = true;
    if (moved || !equal(body, kept.body)) written.push({ check, body, carry });
  }
  return {
    ...outcome,
    changed: written.length > 0,
    statements: [
      ...chunkStatement(cursor, wanted, written, context),
      ...metricStatements(cursor, wanted, material, context),
      ...findingStatements(cursor, material, folded, hourAt, context.now),
      ...barStatement(cursor, wanted, material, folded),
    ],
  };
}

/** One check in one hour, from what is kept and what arrived. */
export function foldCheck(
  check: SliceCheck,
  hourAt: number,
  material: SliceMaterial,
  { fleet }: SliceContext,
): FoldedHour {
  const { outcomes, before, arrived } = material;
  const kept = material.kept.get(check.checkId)?.chunk ?? null;
  const input = {
    ...{ hourAt, outcomes },
    judging: kept?.judging ?? check.judging,
    assigned: kept
      ? kept.locations.filter(({ assigned }) => assigned).map(({ locationId }) => locationId)
      : assignedLocations(check, fleet.locations, fleet.runners),
    before: before.get(check.checkId) ?? null,
  };
  const lists = new Map<number, Readings[]>();
  const add = (locationId: number, readings: Readings) => {
    const held = lists.get(locationId);
    if (held) held.push(readings);
    else lists.set(locationId, [readings]);
  };
  const folded = () => {
    const readings = new Map([...lists].map(([id, list]) => [id, union(list, outcomes)]));
    return foldHour({ ...input, readings });
  };
  for (const { locationId, readings } of kept?.locations ?? []) add(locationId, readings);
  for (const [id, readings] of arrived.get(check.checkId) ?? []) add(id, readings);
  const alone = folded();
  // Only a run that is open at the end is settled by what came after.
  if (!isOpen(alone)) return alone;
  for (const [id, readings] of material.ahead().get(check.checkId) ?? []) add(id, readings);
  for (const { locationId, readings } of material.after.get(check.checkId)?.locations ?? []) {
    add(locationId, readings);
  }
  return folded();
}

function isOpen({ carry }: FoldedHour): boolean {
  for (const { view } of carry.views.values()) if (view.run !== null) return true;
  return false;
}

function isWrongBefore(
  { checkId }: SliceCheck,
  hourAt: number,
  { before, outcomes }: SliceMaterial,
  { chunk }: FoldedHour,
): boolean {
  for (const [locationId, { view, confirmed }] of before.get(checkId)?.views ?? []) {
    if (view.run === null) continue;
    const own = chunk.locations.find((each) => each.locationId === locationId);
    if (!own) continue;
    const readings = within(own.readings, hourAt, hourAt + HOUR_MS);
    const came = confirms(view, readings, outcomes, chunk.judging);
    if (came?.status !== confirmed?.status) return true;
  }
  return false;
}

/** All chunks of the slice as one statement: their bytes end to end, and where each lies. */
function chunkStatement(
  cursor: Cursor,
  { hour }: SliceWanted,
  written: readonly Written[],
  { keeping }: SliceContext,
): InStatement[] {
  if (written.length === 0) return [];
  const bytes = new Uint8Array(
    written.reduce((sum, { body, carry }) => sum + body.length + carry.length, 0),
  );
  let at = 0;
  const places = written.map(({ check, body, carry }) => {
    const key = chunkKey(ringsFor(keeping, check.hostId), hour, check.checkId);
    const place = [key, at + 1, body.length, carry.length];
    bytes.set(body, at);
    bytes.set(carry, at + body.length);
    at += body.length + carry.length;
    return place;
  });
  const guard = unmoved(cursor);
  return [
    {
      sql: `insert into chunk (k, hour, body, carry)
            select value ->> 0, ?, substr(b.x, value ->> 1, value ->> 2),
              substr(b.x, (value ->> 1) + (value ->> 2), value ->> 3)
            from (select ? as x) b, json_each(?) where ${guard.sql}
            on conflict (k) do update set hour = excluded.hour, body = excluded.body, carry = excluded.carry
              where excluded.hour >= chunk.hour`,
      args: [hour, bytes, JSON.stringify(places), ...guard.args],
    },
  ];
}

function barStatement(
  cursor: Cursor,
  { shard, hour, fromPosition }: SliceWanted,
  material: SliceMaterial,
  folded: ReadonlyMap<number, FoldedHour>,
): InStatement[] {
  const hours = material.bar?.hours ?? {};
  const today = dayOf(cursor.hour * HOUR_MS);
  const hourAt = hour * HOUR_MS;
  let changed = false;
  for (const check of material.checks) {
    const result = folded.get(check.checkId);
    if (!result) continue;
    const byHour = hours[check.checkId] ?? {};
    if (dayOf(hourAt) < today && byHour[hour] === undefined) continue;
    byHour[hour] = packStretch(stretchOf(check, result.chunk, hourAt, material), HOUR_MS);
    hours[check.checkId] = byHour;
    changed = true;
  }
  if (!changed) return [];
  const block = blockOf(fromPosition);
  if (material.bar && material.bar.days === null) return [putHours(cursor, shard, block, hours)];
  const days = parsePacked(material.bar?.days ?? '');
  settleDays(days, hours, today);
  return [putBar(cursor, shard, block, days, hours)];
}

/** What a bar shows of an hour of a check. */
export function stretchOf(
  { checkId, hostId }: SliceCheck,
  { merged }: Chunk,
  hourAt: number,
  { before, maintenances }: SliceMaterial,
): Stretch {
  const endAt = hourAt + HOUR_MS;
  const open = (before.get(checkId)?.openSince ?? null) !== null;
  const leftOut = stretchesOf(maintenances, hostId, hourAt, endAt);
  return {
    ...timesOf(merged, hourAt, endAt, leftOut),
    incidents: incidentsOf(merged, open, hourAt, endAt, leftOut),
  };
}

function putHours(
  cursor: Cursor,
  shard: number,
  block: number,
  hours: PackedStretches,
): InStatement {
  const guard = unmoved(cursor);
  return {
    sql: `update bar set hours = ? where k = ? and ${guard.sql}`,
    args: [JSON.stringify(hours), barKey(shard, block), ...guard.args],
  };
}

export function putBar(
  cursor: Cursor,
  shard: number,
  block: number,
  days: PackedStretches,
  hours: PackedStretches,
): InStatement {
  const guard = unmoved(cursor);
  return {
    sql: `insert into bar (k, days, hours) select ?, ?, ? where ${guard.sql}
          on conflict (k) do update set days = excluded.days, hours = excluded.hours`,
    args: [barKey(shard, block), JSON.stringify(days), JSON.stringify(hours), ...guard.args],
  };
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
