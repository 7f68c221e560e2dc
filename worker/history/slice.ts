// What folding a slice of an hour rests on, read in one batch: the checks, what arrived, what is kept already.
import type { InArgs, InStatement, ResultSet, Row } from '@libsql/client';
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
import { anyBefore, type PackedStretches, parsePacked } from './bars.ts';
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

/** By check id, then location. */
export type Arrived = Map<number, Map<number, Readings>>;

export interface SliceMaterial {
  checks: SliceCheck[];
  outcomes: Outcomes;
  arrived: Arrived;
  /** What arrived after the hour: only asked for where the hour ends with something open, and then read. */
  ahead: () => Arrived;
  kept: Map<number, Kept>;
  /** The hour after, where it is kept already; empty until `readAfter`. */
  after: Map<number, Chunk>;
  /** Where the hour before ended. */
  before: Map<number, Carry>;
  incidents: IncidentRow[];
  /** Planned work in the hour. */
  maintenances: Maintenance[];
  /** `days` only where hours of days that are over are to join them: it is long, and most folds leave it alone. */
  bar: { days: string | null; hours: PackedStretches } | null;
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
  const where = SLICE_SQL;
  const place = [shard, fromPosition, toPosition];
  const kept = (table: string, columns: string, at: number) =>
    keptRows(wanted, context, { table, columns, hour: at });
  const keys = recentKeys(wanted, context);
  const lateRows = lateKeys(wanted, context.fleet);
  const read = await readNamed(batch, {
    // Hundreds of rows as one: the client makes an object of each, which costs more than what is in them.
    checks: {
      sql: `select json_group_array(json_array(x.id, x.host_id, x.position, x.interval_ms, x.timeout_ms, x.failures,
              x.successes, x.policy, x.locations, x.runner_id, x.created_at)) as packed from check_ x where ${where}`,
      args: place,
    },
    recent: rowsOf('recent', `${column} as b`, keys),
    late: rowsOf('backfill', `${column} as b`, lateRows),
    chunks: kept('chunk', 'c.body, c.carry', hour),
    before: packed('id, hex(carry)', kept('chunk', 'c.carry', hour - 1)),
    incidents: {
      sql: `select i.check_id, i.opened_at, i.closed_at, i.began_at, i.ended_at, i.code from check_ x
            join incident i on i.check_id = x.id and i.opened_at < ? and i.opened_at > ?
            where ${where} and (i.closed_at is null or max(i.closed_at, coalesce(i.ended_at, 0)) >= ?)
              and i.code <> 'silent'`,
      args: [
        (hour + 1) * HOUR_MS,
        hour * HOUR_MS - 40 * 86_400_000,
        ...place,
        (hour - 1) * HOUR_MS,
      ],
    },
    bar: {
      sql: 'select hours from bar where k = ?',
      args: [barKey(shard, blockOf(fromPosition))],
    },
    metrics: rowsOf('recent_metric', 'lines', [...keys, ...lateRows]),
    keptMetrics: wanted.again ? kept('metric', 'c.body', hour) : null,
    planned: readMaintenances.sql(hour * HOUR_MS, (hour + 1) * HOUR_MS),
  });
  const endAt = (hour + 1) * HOUR_MS;
  const arrivals = [...(read.recent?.rows ?? []), ...(read.late?.rows ?? [])];
  const bar = read.bar?.rows[0];
  const material: SliceMaterial = {
    checks: checksOf(read.checks, context.flushMs),
    outcomes: new Outcomes(),
    arrived: new Map(),
    ahead: once(
      () => collectArrived(material, arrivals, wanted, context, { sinceAt: endAt }).arrived,
    ),
    kept: new Map(),
    after: new Map(),
    before: new Map(),
    incidents: (read.incidents?.rows ?? []).map(incidentOf),
    maintenances: readMaintenances.parse(read.planned),
    bar: bar ? { days: null, hours: parsePacked(String(bar.hours)) } : null,
    metrics: (read.metrics?.rows ?? []).flatMap((row) => metricsOf(String(row.lines))),
    keptMetrics: new Map(
      (read.keptMetrics?.rows ?? []).map((row) => [
        Number(row.id),
        JSON.parse(String(row.body)) as MetricColumn[],
      ]),
    ),
    corrupt: [],
  };
  const { arrived, corrupt } = collectArrived(material, arrivals, wanted, context, {
    untilAt: endAt,
  });
  material.arrived = arrived;
  material.corrupt.push(...corrupt);
  for (const row of read.chunks?.rows ?? []) keep(material, row, hour);
  keepBefore(material, read.before, hour);
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

/** Adds the hour after, as far as it is kept. */
export async function readAfter(
  batch: (statements: InStatement[]) => Promise<ResultSet[]>,
  wanted: SliceWanted,
  context: SliceContext,
  material: SliceMaterial,
): Promise<void> {
  const hour = wanted.hour + 1;
  const [rows] = await batch([
    keptRows(wanted, context, { table: 'chunk', columns: 'c.body', hour }),
  ]);
  for (const row of rows?.rows ?? []) {
    const body = new Uint8Array(row.body as ArrayBuffer);
    const chunk = tryChunk(material, body, Number(row.id), hour);
    if (chunk) material.after.set(Number(row.id), chunk);
  }
}

const SLICE_SQL = 'x.shard = ? and x.position >= ? and x.position < ? and x.deleted_at is null';

/** What is kept of the checks of a slice in an hour, in whatever ring. */
function keptRows(
  { shard, fromPosition, toPosition }: SliceWanted,
  { keeping }: SliceContext,
  { table, columns, hour }: { table: string; columns: string; hour: number },
) {
  const groups = ringGroups(keeping);
  return {
    sql: groups
      .map(
        ({
          where,
        }) => `select x.id, ${columns} from check_ x join ${table} c on c.k = ? + x.id and c.hour = ?
                 where ${SLICE_SQL}${where}`,
      )
      .join(' union all '),
    args: groups.flatMap(({ rings }) => [
      ...[chunkKey(rings, hour, 0), hour],
      ...[shard, fromPosition, toPosition],
    ]),
  };
}

/** Reads in one batch what is asked for; null = it is not. */
async function readNamed<Name extends string>(
  batch: (statements: InStatement[]) => Promise<ResultSet[]>,
  wanted: Record<Name, InStatement | null>,
): Promise<Partial<Record<Name, ResultSet>>> {
  const names = (Object.keys(wanted) as Name[]).filter((name) => wanted[name] !== null);
  const results = await batch(names.map((name) => wanted[name] as InStatement));
  return Object.fromEntries(names.map((name, index) => [name, results[index]])) as Partial<
    Record<Name, ResultSet>
  >;
}

/** All rows of a statement as one, a list in JSON of the columns named. */
function packed(columns: string, { sql, args }: { sql: string; args: InArgs }): InStatement {
  return { sql: `select json_group_array(json_array(${columns})) as packed from (${sql})`, args };
}

function unpacked<Tuple>(result: ResultSet | undefined): Tuple[] {
  return JSON.parse(String(result?.rows[0]?.packed ?? '[]')) as Tuple[];
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function rowsOf(
  table: string,
  columns: string,
  keys: ReadonlyArray<[number, number]>,
): InStatement | null {
  if (keys.length === 0) return null;
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

type CheckTuple = [
  checkId: number,
  hostId: number,
  position: number,
  intervalMs: number,
  timeoutMs: number,
  failures: number,
  successes: number,
  policy: string,
  locations: string | null,
  runnerId: number | null,
  createdAt: number,
];

/** By id. */
function checksOf(result: ResultSet | undefined, flushMs: number): SliceCheck[] {
  // Nearly all have the same policy.
  const policies = new Map<string, Policy>();
  const policyOf = (text: string): Policy => {
    const held = policies.get(text) ?? (JSON.parse(text) as Policy);
    policies.set(text, held);
    return held;
  };
  return unpacked<CheckTuple>(result)
    .sort((a, b) => a[0] - b[0])
    .map(
      ([
        checkId,
        hostId,
        position,
        intervalMs,
        timeoutMs,
        failures,
        successes,
        policy,
        locations,
        runnerId,
        createdAt,
      ]) => ({
        ...{ checkId, hostId, position, runnerId, createdAt },
        locations: locations === null ? null : (JSON.parse(locations) as number[] | null),
        judging: {
          ...{ intervalMs, timeoutMs, failures, successes, flushMs },
          policy: policyOf(policy),
        },
      }),
    );
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
  { checks, outcomes }: SliceMaterial,
  rows: readonly Row[],
  { fromPosition, toPosition, hour }: SliceWanted,
  { fleet }: SliceContext,
  part: { untilAt: number } | { sinceAt: number },
): { arrived: Arrived; corrupt: string[] } {
  const arrived: Arrived = new Map();
  const corrupt: string[] = [];
  const byPosition: Array<SliceCheck | undefined> = [];
  for (const check of checks) byPosition[check.position - fromPosition] = check;
  const hourAt = hour * HOUR_MS;
  const untilAt = hourAt + HOUR_MS + 3 * SPAN_MS;
  const size = toPosition - fromPosition;
  const asked = { from: fromPosition, to: toPosition, ...part };
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
    const read = readSegments(bytes, outcomes, visit, asked);
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
  return { arrived, corrupt };
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

function keepBefore(
  { before, corrupt }: SliceMaterial,
  result: ResultSet | undefined,
  hour: number,
): void {
  for (const [checkId, carry] of unpacked<[checkId: number, carry: string]>(result)) {
    try {
      before.set(checkId, decodeCarry(bytesOfHex(carry), hour * HOUR_MS));
    } catch {
      corrupt.push(
        `end of the hour before ${new Date(hour * HOUR_MS).toISOString()} of check ${checkId}`,
      );
    }
  }
}

function bytesOfHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (digitOf(text, 2 * i) << 4) | digitOf(text, 2 * i + 1);
  }
  return bytes;
}

/** Of a capital hexadecimal digit, as SQLite writes it. */
function digitOf(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 58 ? code - 48 : code - 55;
}
