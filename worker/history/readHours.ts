// The hours of one check as they were kept, and those not folded yet as they would be.
import type { InStatement } from '@libsql/client';
import { assignedLocations } from '#core/assign.ts';
import type { Carry } from '#core/history/carry.ts';
import { decodeCarry } from '#core/history/carry.ts';
import { type Chunk, decodeChunk } from '#core/history/chunk.ts';
import { foldHour } from '#core/history/foldHour.ts';
import { noReadings, type Readings, saying, union } from '#core/history/readings.ts';
import { Outcomes } from '#core/store/outcome.ts';
import { blockOf, readSegments, type Visit } from '#core/store/segment.ts';
import { RING_SPANS, spanOf, spanRanges } from '#db/db.ts';
import { chunkKey, HOUR_MS, hourOf } from '#db/history.ts';
import type { Platform } from '#worker/platform.ts';
import { columnsOf, type MetricColumn } from './metrics.ts';
import type { HistoryPlace } from './place.ts';
import { reportCorrupt } from './report.ts';
import { oldestHour } from './rings.ts';
import { metricsOf, runnerOfSpanKey } from './slice.ts';

/** Point reads per statement: its text stays below 5 KB. */
const POINTS = 40;

export interface ReadHour {
  hourAt: number;
  endAt: number;
  chunk: Chunk;
}

export interface ReadHours {
  hours: ReadHour[];
  outcomes: Outcomes;
  /** It was known not to be up when the first hour began. */
  openBefore: boolean;
  /** Starts of hours that cannot be read. */
  corrupt: number[];
  /** By start of the hour. */
  metrics: Array<{ hourAt: number; columns: MetricColumn[] }>;
}

/** Hours from `fromHour` up to the one `toAt` lies in; the open ones only when `open`. */
export async function readHours(
  platform: Platform,
  place: HistoryPlace,
  range: { fromHour: number; toAt: number; open: boolean; metrics: boolean; before?: boolean },
): Promise<ReadHours> {
  const { rings } = place;
  const lastHour = hourOf(range.toAt - 1);
  // Of hours that are not folded a restore may have brought a part.
  const kept = range.open ? lastHour : Math.min(lastHour, place.hour - 1);
  const wanted: Array<[number, number]> = [];
  const { before = true } = range;
  const first = before ? Math.min(range.fromHour - 1, place.hour - 1) : range.fromHour;
  const oldest = Math.max(first, oldestHour(rings, place.now) - 1);
  for (let hour = oldest; hour <= kept; hour++)
    wanted.push([chunkKey(rings, hour, place.checkId), hour]);
  const open = range.open && lastHour >= place.hour;
  const chunkReads = keyed('chunk', 'c.hour, c.body, c.carry', wanted);
  const metricReads = keyed('metric', 'c.hour, c.body', range.metrics ? wanted : []);
  const tailReads = open ? tailStatements(place, range.toAt, range.metrics) : [];
  const statements = [...chunkReads, ...metricReads, ...tailReads];
  const results = statements.length > 0 ? await platform.db.$client.batch(statements, 'read') : [];
  const rowsOf = (from: number, count: number) =>
    results.slice(from, from + count).flatMap(({ rows: some }) => some);
  const chunks = rowsOf(0, chunkReads.length);
  const metricRows = rowsOf(chunkReads.length, metricReads.length);
  const tail = results.slice(chunkReads.length + metricReads.length);
  const outcomes = new Outcomes();
  const read: ReadHours = { hours: [], outcomes, openBefore: false, corrupt: [], metrics: [] };
  let carry: Carry | null = null;
  const parts: Chunk[] = [];
  // Sorted here: a sort in SQL is billed as rows read.
  const rows = chunks.sort((a, b) => Number(a.hour) - Number(b.hour));
  for (const row of rows) {
    const hour = Number(row.hour);
    const hourAt = hour * HOUR_MS;
    try {
      if (hour === place.hour - 1 || hour === range.fromHour - 1) {
        const ended = decodeCarry(new Uint8Array(row.carry as ArrayBuffer), hourAt + HOUR_MS);
        if (hour === place.hour - 1) carry = ended;
        if (hour === range.fromHour - 1) read.openBefore = ended.openSince !== null;
      }
      if (hour < range.fromHour) continue;
      const chunk = decodeChunk(new Uint8Array(row.body as ArrayBuffer), outcomes, hourAt);
      if (hour >= place.hour) {
        parts.push(chunk);
        continue;
      }
      read.hours.push({ hourAt, endAt: hourAt + HOUR_MS, chunk });
    } catch {
      read.corrupt.push(hourAt);
    }
  }
  await reportCorrupt(
    platform,
    read.corrupt.map((at) => `hour ${new Date(at).toISOString()} of check ${place.checkId}`),
  );
  for (const row of metricRows) {
    const columns = JSON.parse(String(row.body)) as MetricColumn[];
    read.metrics.push({ hourAt: Number(row.hour) * HOUR_MS, columns });
  }
  if (open) addOpenHours(read, place, { carried: carry, parts, ...range }, tail);
  return read;
}

/** Point reads in one statement: a list of keys to join with would be billed once more for each. */
function keyed(
  table: string,
  columns: string,
  wanted: ReadonlyArray<[number, number]>,
): InStatement[] {
  const statements: InStatement[] = [];
  for (let at = 0; at < wanted.length; at += POINTS) {
    const some = wanted.slice(at, at + POINTS);
    const one = `select ${columns} from ${table} c where c.k = ? and c.hour = ?`;
    statements.push({ sql: some.map(() => one).join(' union all '), args: some.flat() });
  }
  return statements;
}

function tailStatements(place: HistoryPlace, toAt: number, metrics: boolean): InStatement[] {
  const { shard, fleet, now } = place;
  const from = Math.max(spanOf(place.hour * HOUR_MS - 60_000), spanOf(now) - RING_SPANS + 1);
  const to = Math.min(spanOf(now), spanOf(toAt + 2 * HOUR_MS));
  const ranges = fleet.runners.flatMap(({ id }) => spanRanges(shard, id, from, to));
  const rows = (table: string, columns: string): InStatement => ({
    sql: ranges
      .map(
        () => `select k, ${columns} from ${table} where k between ? and ? and span between ? and ?`,
      )
      .join(' union all '),
    args: ranges.flatMap(([first, last]) => [first, last, from, to]),
  });
  if (ranges.length === 0) return [];
  return [
    rows('recent', `b${blockOf(place.position)} as b`),
    ...(metrics ? [rows('recent_metric', 'lines')] : []),
  ];
}

function addOpenHours(
  read: ReadHours,
  place: HistoryPlace,
  {
    carried,
    parts,
    fromHour,
    toAt,
  }: { carried: Carry | null; parts: readonly Chunk[]; fromHour: number; toAt: number },
  [recent, recentMetrics]: Array<{ rows: Array<Record<string, unknown>> }>,
): void {
  const { fleet, position, checkId, createdAt, now } = place;
  const { outcomes } = read;
  const lists = new Map<number, Readings>();
  for (const row of recent?.rows ?? []) {
    const runnerId = runnerOfSpanKey(Number(row.k));
    const locationId = fleet.runners.find(({ id }) => id === runnerId)?.locationId;
    if (locationId == null) continue;
    const list = lists.get(locationId) ?? noReadings();
    lists.set(locationId, list);
    const visit: Visit = (_, at, rtt, outcome) => {
      if (at < createdAt) return;
      list.at.push(at);
      list.said.push(saying(outcome, rtt));
    };
    const own = { from: position, to: position + 1 };
    readSegments(new Uint8Array(row.b as ArrayBuffer), outcomes, visit, own);
  }
  const kept = parts.flatMap(({ locations }) => locations);
  const ids = new Set([...lists.keys(), ...kept.map(({ locationId }) => locationId)]);
  const readings = new Map(
    [...ids].map((id) => {
      const own = kept.filter(({ locationId }) => locationId === id).map((each) => each.readings);
      return [id, union([lists.get(id) ?? noReadings(), ...own], outcomes)];
    }),
  );
  const assigned = assignedLocations(
    { checkId, locations: place.locations, runnerId: place.runnerId },
    fleet.locations,
    fleet.runners,
  );
  let before = carried;
  for (let hour = place.hour; hour <= hourOf(Math.min(toAt, now) - 1); hour++) {
    const hourAt = hour * HOUR_MS;
    const endAt = Math.min(hourAt + HOUR_MS, now);
    const { judging } = place;
    const folded = foldHour({ hourAt, judging, assigned, before, readings, outcomes, endAt });
    before = folded.carry;
    if (hour >= fromHour) read.hours.push({ hourAt, endAt, chunk: folded.chunk });
  }
  const metrics = (recentMetrics?.rows ?? [])
    .flatMap((row) => metricsOf(String(row.lines)))
    .filter(([where, at]) => where === position && at >= place.hour * HOUR_MS);
  for (const hourAt of new Set(metrics.map(([, at]) => hourOf(at) * HOUR_MS))) {
    const own = metrics.filter(([, at]) => hourOf(at) * HOUR_MS === hourAt);
    read.metrics.push({
      hourAt,
      columns: columnsOf(own, hourAt),
    });
  }
}
