// What folding a slice of an hour rests on, read in one batch: the checks, what arrived, what is kept already.
import type { InStatement, ResultSet, Row } from '@libsql/client';
import type { Carry } from '#core/history/carry.ts';
import { decodeCarry } from '#core/history/carry.ts';
import { type Chunk, decodeChunk, type Judging } from '#core/history/chunk.ts';
import type { Readings } from '#core/history/readings.ts';
import { noReadings, saying, union } from '#core/history/readings.ts';
import type { Maintenance } from '#core/maintenance.ts';
import type { Policy } from '#core/policy.ts';
import type { Metric } from '#core/reading.ts';
import { Outcomes } from '#core/store/outcome.ts';
import { blockOf, readSegments, type Visit } from '#core/store/segment.ts';
import { RING_SPANS, SPAN_MS, spanKey, spanOf } from '#db/db.ts';
import { barKey, chunkKey, HOUR_MS } from '#db/history.ts';
import { readMaintenances } from '#db/maintenance.ts';
import type { Fleet } from '#db/plan.ts';
import { anyBefore } from './bars.ts';
import type { MetricColumn } from './metrics.ts';
import { type Keeping, ringGroups } from './rings.ts';

/** What an incident that nobody noticed at the time says of itself. */
export const FOUND_CODE = 'found_later';

export interface SliceCheck {
  checkId: number;
  hostId: number;
  position: number;
  judging: Judging;
  locations: number[] | null;
  runnerId: number | null;
  createdAt: number;
}

export interface Kept {
  body: Uint8Array;
  carryBytes: Uint8Array;
  /** Null = its bytes are corrupt. */
  chunk: Chunk | null;
}

export interface SliceMaterial {
  checks: SliceCheck[];
  outcomes: Outcomes;
  /** By check id, then location: what arrived. */
  arrived: Map<number, Map<number, Readings>>;
  kept: Map<number, Kept>;
  /** The hour after, where it is kept already. */
  after: Map<number, Chunk>;
  /** Where the hour before ended. */
  before: Map<number, Carry>;
  incidents: IncidentRow[];
  /** Planned work in the hour. */
  maintenances: Maintenance[];
  /** `days` only where hours of days that are over are to join them: it is long, and most folds leave it alone. */
  bar: { days: string | null; hours: string } | null;
  metrics: Array<[position: number, at: number, metrics: Metric[]]>;
  /** By check id. */
  keptMetrics: Map<number, MetricColumn[]>;
  /** What could not be read, in words. */
  corrupt: string[];
}

export interface IncidentRow {
  checkId: number;
  openedAt: number;
  closedAt: number | null;
  beganAt: number | null;
  endedAt: number | null;
  found: boolean;
}

export interface SliceWanted {
  shard: number;
  hour: number;
  fromPosition: number;
  toPosition: number;
  /** Late arrivals to take in; none when from > to. */
  fromSpan: number;
  toSpan: number;
  /** What arrived in time is still in its ring and not all of it kept. */
  withRecent: boolean;
  again: boolean;
}

export interface SliceContext {
  fleet: Fleet;
  flushMs: number;
  keeping: Keeping;
  now: number;
  /** The day of the first hour that is not folded. */
  today: number;
}

export async function readSlice(
  batch: (statements: InStatement[]) => Promise<ResultSet[]>,
  wanted: SliceWanted,
  context: SliceContext,
): Promise<SliceMaterial> {
  const { shard, hour, fromPosition, toPosition } = wanted;
  const column = `b${blockOf(fromPosition)}`;
  const where = 'x.shard = ? and x.position >= ? and x.position < ? and x.deleted_at is null';
  const place = [shard, fromPosition, toPosition];
  const groups = ringGroups(context.keeping);
  const kept = (table: string, columns: string, at: number): InStatement => ({
    sql: groups
      .map(
        (
          group,
        ) => `select x.id, ${columns} from check_ x join ${table} c on c.k = ? + x.id and c.hour = ?
                    where ${where}${group.where}`,
      )
      .join(' union all '),
    args: groups.flatMap(({ rings }) => [chunkKey(rings, at, 0), at, ...place]),
  });
  const keys = recentKeys(wanted, context);
  const lateRows = lateKeys(wanted, context.fleet);
  const [
    checks,
    recent,
    late,
    chunks,
    after,
    before,
    incidents,
    bar,
    metrics,
    keptMetrics,
    planned,
  ] = await batch([
    {
      sql: `select x.id, x.host_id, x.position, x.interval_ms, x.timeout_ms, x.failures, x.successes, x.policy, x.locations,
              x.runner_id, x.created_at from check_ x where ${where} order by x.id`,
      args: place,
    },
    rowsOf('recent', `${column} as b`, keys),
    rowsOf('backfill', `${column} as b`, lateRows),
    kept('chunk', 'c.body, c.carry', hour),
    wanted.again ? kept('chunk', 'c.body', hour + 1) : 'select 1 as id where false',
    kept('chunk', 'c.carry', hour - 1),
    {
      sql: `select i.check_id, i.opened_at, i.closed_at, i.began_at, i.ended_at, i.code from check_ x
            join incident i on i.check_id = x.id and i.opened_at < ? and i.opened_at > ?
            where ${where} and (i.closed_at is null or i.closed_at >= ?) and i.code <> 'silent'`,
      args: [(hour + 1) * HOUR_MS, hour * HOUR_MS - 40 * 86_400_000, ...place, hour * HOUR_MS],
    },
    {
      sql: 'select hours from bar where k = ?',
      args: [barKey(shard, blockOf(fromPosition))],
    },
    rowsOf('recent_metric', 'lines', [...keys, ...lateRows]),
    wanted.again ? kept('metric', 'c.body', hour) : 'select 1 as id where false',
    readMaintenances.sql(hour * HOUR_MS, (hour + 1) * HOUR_MS),
  ]);
  const material: SliceMaterial = {
    checks: (checks?.rows ?? []).map((row) => checkOf(row, context.flushMs)),
    outcomes: new Outcomes(),
    arrived: new Map(),
    kept: new Map(),
    after: new Map(),
    before: new Map(),
    incidents: (incidents?.rows ?? []).map(incidentOf),
    maintenances: readMaintenances.parse(planned),
    bar: bar?.rows[0] ? { days: null, hours: String(bar.rows[0].hours) } : null,
    metrics: (metrics?.rows ?? []).flatMap((row) => metricsOf(String(row.lines))),
    keptMetrics: new Map(
      (keptMetrics?.rows ?? []).map((row) => [
        Number(row.id),
        JSON.parse(String(row.body)) as MetricColumn[],
      ]),
    ),
    corrupt: [],
  };
  collectArrived(material, [...(recent?.rows ?? []), ...(late?.rows ?? [])], wanted, context);
  for (const row of chunks?.rows ?? []) keep(material, row, hour);
  for (const row of after?.rows ?? []) keepAfter(material, row, hour + 1);
  for (const row of before?.rows ?? []) keepBefore(material, row, hour);
  if (material.bar && anyBefore(material.bar.hours, context.today)) {
    const [days] = await batch([
      {
        sql: 'select days from bar where k = ?',
        args: [barKey(shard, blockOf(fromPosition))],
      },
    ]);
    material.bar.days = String(days?.rows[0]?.days ?? '{}');
  }
  return material;
}

function rowsOf(
  table: string,
  columns: string,
  keys: ReadonlyArray<[number, number]>,
): InStatement {
  if (keys.length === 0) return 'select 1 as k where false';
  return {
    sql: `select r.k, ${columns} from json_each(?) j join ${table} r on r.k = j.value ->> 0 and r.span = j.value ->> 1`,
    args: [JSON.stringify(keys)],
  };
}

/** The rows in which results of the hour, and what shortly follows it, can have arrived in time. */
function recentKeys(wanted: SliceWanted, { fleet, now }: SliceContext): Array<[number, number]> {
  if (!wanted.withRecent) return [];
  const from = spanOf(wanted.hour * HOUR_MS - 60_000);
  const to = Math.min(spanOf((wanted.hour + 1) * HOUR_MS + 2 * SPAN_MS), spanOf(now));
  return keysOf(wanted.shard, fleet, from, to);
}

function lateKeys(wanted: SliceWanted, fleet: Fleet): Array<[number, number]> {
  return keysOf(wanted.shard, fleet, wanted.fromSpan, wanted.toSpan);
}

export function keysOf(
  shard: number,
  { runners }: Fleet,
  from: number,
  to: number,
): Array<[k: number, span: number]> {
  const keys: Array<[number, number]> = [];
  for (const { id } of runners) {
    for (let span = from; span <= to; span++) keys.push([spanKey(shard, id, span), span]);
  }
  return keys;
}

/** Whose row of arrivals a key names. */
export function runnerOfSpanKey(k: number): number {
  return Math.floor(k / RING_SPANS) % 2 ** 20;
}

function checkOf(row: Row, flushMs: number): SliceCheck {
  return {
    checkId: Number(row.id),
    hostId: Number(row.host_id),
    position: Number(row.position),
    locations:
      row.locations === null ? null : (JSON.parse(String(row.locations)) as number[] | null),
    runnerId: row.runner_id === null ? null : Number(row.runner_id),
    createdAt: Number(row.created_at),
    judging: {
      intervalMs: Number(row.interval_ms),
      timeoutMs: Number(row.timeout_ms),
      failures: Number(row.failures),
      successes: Number(row.successes),
      flushMs,
      policy: JSON.parse(String(row.policy)) as Policy,
    },
  };
}

function incidentOf(row: Row): IncidentRow {
  const orNull = (value: unknown) => (value === null ? null : Number(value));
  return {
    checkId: Number(row.check_id),
    openedAt: Number(row.opened_at),
    closedAt: orNull(row.closed_at),
    beganAt: orNull(row.began_at),
    endedAt: orNull(row.ended_at),
    found: row.code === FOUND_CODE,
  };
}

export function metricsOf(lines: string): Array<[number, number, Metric[]]> {
  return lines.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return JSON.parse(line) as Array<[number, number, Metric[]]>;
    } catch {
      return [];
    }
  });
}

function collectArrived(
  material: SliceMaterial,
  rows: readonly Row[],
  { fromPosition, toPosition, hour }: SliceWanted,
  { fleet }: SliceContext,
): void {
  const { checks, arrived, outcomes, corrupt } = material;
  const byPosition: Array<SliceCheck | undefined> = [];
  for (const check of checks) byPosition[check.position - fromPosition] = check;
  const hourAt = hour * HOUR_MS;
  const untilAt = hourAt + HOUR_MS + 3 * SPAN_MS;
  const size = toPosition - fromPosition;
  // By location: a column per position, so that the hundred thousand results of an hour touch no map.
  const columns = new Map<number, Array<Readings | undefined>>();
  for (const row of rows) {
    const runnerId = runnerOfSpanKey(Number(row.k));
    const locationId = fleet.runners.find(({ id }) => id === runnerId)?.locationId;
    if (locationId == null) continue;
    const column = columns.get(locationId) ?? new Array<Readings | undefined>(size);
    columns.set(locationId, column);
    const bytes = new Uint8Array(row.b as ArrayBuffer);
    const visit: Visit = (position, at, rtt, outcome) => {
      if (at < hourAt || at >= untilAt) return;
      const index = position - fromPosition;
      let readings = column[index];
      if (readings === undefined) {
        readings = noReadings();
        column[index] = readings;
      }
      readings.at.push(at);
      readings.said.push(saying(outcome, rtt));
    };
    const read = readSegments(bytes, outcomes, visit, { from: fromPosition, to: toPosition });
    if (read.corrupt > 0) corrupt.push(`results of runner ${runnerId}, row ${Number(row.k)}`);
  }
  for (const [locationId, column] of columns) {
    for (const [index, readings] of column.entries()) {
      const check = byPosition[index];
      if (readings === undefined || check === undefined) continue;
      const own = afterBirth(union([readings], outcomes), check.createdAt);
      const of = arrived.get(check.checkId) ?? new Map<number, Readings>();
      arrived.set(check.checkId, of.set(locationId, own));
    }
  }
}

/** A position may have had another check before. */
function afterBirth(readings: Readings, createdAt: number): Readings {
  if ((readings.at[0] ?? createdAt) >= createdAt) return readings;
  const first = readings.at.findIndex((at) => at >= createdAt);
  if (first < 0) return noReadings();
  return { at: readings.at.slice(first), said: readings.said.slice(first) };
}

function keep(material: SliceMaterial, row: Row, hour: number): void {
  const body = new Uint8Array(row.body as ArrayBuffer);
  const carryBytes = new Uint8Array(row.carry as ArrayBuffer);
  const chunk = tryChunk(material, body, Number(row.id), hour);
  material.kept.set(Number(row.id), { body, carryBytes, chunk });
}

function keepAfter(material: SliceMaterial, row: Row, hour: number): void {
  const chunk = tryChunk(material, new Uint8Array(row.body as ArrayBuffer), Number(row.id), hour);
  if (chunk) material.after.set(Number(row.id), chunk);
}

function tryChunk(
  { outcomes, corrupt }: SliceMaterial,
  body: Uint8Array,
  checkId: number,
  hour: number,
): Chunk | null {
  try {
    return decodeChunk(body, outcomes, hour * HOUR_MS);
  } catch {
    corrupt.push(`hour ${new Date(hour * HOUR_MS).toISOString()} of check ${checkId}`);
    return null;
  }
}

function keepBefore({ before, corrupt }: SliceMaterial, row: Row, hour: number): void {
  try {
    before.set(
      Number(row.id),
      decodeCarry(new Uint8Array(row.carry as ArrayBuffer), hour * HOUR_MS),
    );
  } catch {
    corrupt.push(
      `end of the hour before ${new Date(hour * HOUR_MS).toISOString()} of check ${Number(row.id)}`,
    );
  }
}
