// A day that is over, summed up for some checks: figures of its hours into the row of the week, of the day into the
// row of days.
import type { InStatement, ResultSet } from '@libsql/client';
import { decodeCarry } from '#core/history/carry.ts';
import { decodeChunk, HOUR_MS } from '#core/history/chunk.ts';
import { combine, decodeLine, encodeLine, type Line } from '#core/history/figures.ts';
import { lineOf } from '#core/history/foldHour.ts';
import { type Maintenance, stretchesOf } from '#core/maintenance.ts';
import { Outcomes } from '#core/store/outcome.ts';
import { blockOf } from '#core/store/segment.ts';
import { barKey, chunkKey, DAY_MS, WEEK_HOURS, weekKey, weekOf } from '#db/history.ts';
import { readMaintenances } from '#db/maintenance.ts';
import { packStretch, parsePacked, wholeDay } from './bars.ts';
import { type Cursor, unmoved } from './cursor.ts';
import { putBar } from './foldSlice.ts';
import { type Keeping, ringGroups } from './rings.ts';

export interface DayWanted {
  shard: number;
  day: number;
  fromPosition: number;
  toPosition: number;
  /** It was summed up before: the bar shows it already. */
  again: boolean;
}

/** Reads a day of a slice of checks and gives the statements that keep its figures. */
export async function rollDay(
  batch: (statements: InStatement[]) => Promise<ResultSet[]>,
  cursor: Cursor,
  wanted: DayWanted,
  keeping: Keeping,
): Promise<{ statements: InStatement[]; corrupt: string[] }> {
  const { shard, day, fromPosition, toPosition } = wanted;
  const firstHour = (day * DAY_MS) / HOUR_MS;
  const week = weekOf(firstHour);
  const where = 'x.shard = ? and x.position >= ? and x.position < ? and x.deleted_at is null';
  const place = [shard, fromPosition, toPosition];
  const groups = ringGroups(keeping);
  // The hour before the first says whether the day begins within an incident.
  const hours = Array.from({ length: 25 }, (_, index) => firstHour - 1 + index);
  const [chunks, weeks, days, bar, planned] = await batch([
    {
      sql: `${groups
        .map(
          (
            group,
          ) => `select x.id, x.host_id, c.hour, case when c.hour < ? then null else c.body end as body, c.carry
            from check_ x, json_each(?) h join chunk c on c.k = (h.value ->> 0) + x.id and c.hour = h.value ->> 1
            where ${where}${group.where}`,
        )
        .join(' union all ')} order by 1, 3`,
      args: groups.flatMap(({ rings }) => [
        firstHour,
        JSON.stringify(hours.map((hour) => [chunkKey(rings, hour, 0), hour])),
        ...place,
      ]),
    },
    {
      sql: `select x.id, w.body from check_ x join hours w on w.k = ? + x.id * 64 and w.week = ? where ${where}`,
      args: [weekKey(keeping.weeks, 0, week), week, ...place],
    },
    {
      sql: `select x.id, d.body from check_ x join days d on d.check_id = x.id where ${where}`,
      args: place,
    },
    {
      sql: 'select days, hours from bar where k = ?',
      args: [barKey(shard, blockOf(fromPosition))],
    },
    readMaintenances.sql(day * DAY_MS, (day + 1) * DAY_MS),
  ]);
  const lines = linesOf(chunks, firstHour, readMaintenances.parse(planned));
  const heldWeeks = bodiesOf(weeks);
  const heldDays = bodiesOf(days);
  const weekRows: Array<[number, Uint8Array]> = [];
  const dayRows: Array<[number, Uint8Array]> = [];
  const whole = new Map<number, Line>();
  for (const [checkId, byHour] of lines.byCheck) {
    const replaced = [...byHour].map(([hour, line]) => [hour % WEEK_HOURS, line] as const);
    const first = firstHour % WEEK_HOURS;
    const kept = parseEntries(heldWeeks.get(checkId)).filter(
      ([at]) => at < first || at >= first + 24,
    );
    weekRows.push([
      weekKey(keeping.weeks, checkId, week),
      packEntries([...kept, ...replaced.map(([at, line]) => [at, encodeLine(line)] as Entry)]),
    ]);
    const line = combineLines([...byHour.values()]);
    whole.set(checkId, line);
    const others = parseEntries(heldDays.get(checkId)).filter(
      ([at]) => at !== day && at > day - keeping.days,
    );
    dayRows.push([checkId, packEntries([...others, [day, encodeLine(line)]])]);
  }
  const statements = [
    ...putRows(cursor, 'hours', 'k, week, body', weekRows, [week]),
    ...putRows(cursor, 'days', 'check_id, body', dayRows, []),
  ];
  if (wanted.again && bar?.rows[0]) {
    const days = parsePacked(String(bar.rows[0].days));
    for (const [checkId, { merged }] of whole) {
      const byDay = days[checkId];
      if (byDay?.[day] !== undefined) byDay[day] = packStretch(wholeDay(merged), DAY_MS);
    }
    const block = blockOf(fromPosition);
    const hours = parsePacked(String(bar.rows[0].hours));
    statements.push(putBar(cursor, shard, block, days, hours));
  }
  return { statements, corrupt: lines.corrupt };
}

function linesOf(
  chunks: ResultSet | undefined,
  firstHour: number,
  maintenances: readonly Maintenance[],
) {
  const byCheck = new Map<number, Map<number, Line>>();
  const corrupt: string[] = [];
  let before: { checkId: number; hour: number; open: boolean } | null = null;
  for (const row of chunks?.rows ?? []) {
    const checkId = Number(row.id);
    const hour = Number(row.hour);
    const open = before?.checkId === checkId && before.hour === hour - 1 && before.open;
    try {
      const endAt = (hour + 1) * HOUR_MS;
      const carry = decodeCarry(new Uint8Array(row.carry as ArrayBuffer), endAt);
      before = { checkId, hour, open: carry.openSince !== null };
      if (hour < firstHour) continue;
      const outcomes = new Outcomes();
      const chunk = decodeChunk(new Uint8Array(row.body as ArrayBuffer), outcomes, hour * HOUR_MS);
      const byHour = byCheck.get(checkId) ?? new Map<number, Line>();
      const hourAt = hour * HOUR_MS;
      const leftOut = stretchesOf(maintenances, Number(row.host_id), hourAt, endAt);
      byHour.set(hour, lineOf(chunk, outcomes, open, hourAt, endAt, leftOut));
      byCheck.set(checkId, byHour);
    } catch {
      corrupt.push(`hour ${new Date(hour * HOUR_MS).toISOString()} of check ${checkId}`);
    }
  }
  return { byCheck, corrupt };
}

function bodiesOf(result: ResultSet | undefined): Map<number, Uint8Array> {
  return new Map(
    (result?.rows ?? []).map((row) => [Number(row.id), new Uint8Array(row.body as ArrayBuffer)]),
  );
}

/** Rows as one statement: their bytes end to end, and where each lies. */
function putRows(
  cursor: Cursor,
  table: 'hours' | 'days',
  columns: string,
  rows: ReadonlyArray<readonly [key: number, body: Uint8Array]>,
  between: number[],
): InStatement[] {
  if (rows.length === 0) return [];
  const bytes = new Uint8Array(rows.reduce((sum, [, body]) => sum + body.length, 0));
  let at = 0;
  const places = rows.map(([key, body]) => {
    bytes.set(body, at);
    at += body.length;
    return [key, at - body.length + 1, body.length];
  });
  const [key = ''] = columns.split(', ');
  const guard = unmoved(cursor);
  // A day of a turn of the ring that is over must not take the place of a newer one.
  const newer = between.length > 0 ? 'where excluded.week >= hours.week' : '';
  const set = columns
    .split(', ')
    .slice(1)
    .map((name) => `${name} = excluded.${name}`);
  return [
    {
      sql: `insert into ${table} (${columns}) select value ->> 0, ${between.map(() => '?, ').join('')}
              substr(b.x, value ->> 1, value ->> 2) from (select ? as x) b, json_each(?) where ${guard.sql}
            on conflict (${key}) do update set ${set.join(', ')} ${newer}`,
      args: [...between, bytes, JSON.stringify(places), ...guard.args],
    },
  ];
}

export type Entry = [at: number, line: Uint8Array];

/** Lines of hours or days in one row: u16 when, u16 length, line. */
export function parseEntries(bytes: Uint8Array | undefined): Entry[] {
  const entries: Entry[] = [];
  if (!bytes) return entries;
  const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = head.getUint16(at + 2);
    entries.push([head.getUint16(at), bytes.subarray(at + 4, at + 4 + length)]);
    at += 4 + length;
  }
  return entries;
}

export function packEntries(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  const sorted = [...entries].sort((a, b) => a[0] - b[0]);
  const bytes = new Uint8Array(sorted.reduce((sum, [, line]) => sum + 4 + line.length, 0));
  const head = new DataView(bytes.buffer);
  let at = 0;
  for (const [when, line] of sorted) {
    head.setUint16(at, when);
    head.setUint16(at + 2, line.length);
    bytes.set(line, at + 4);
    at += 4 + line.length;
  }
  return bytes;
}

/** A line that cannot be read is left out. */
export function linesIn(bytes: Uint8Array | undefined): Array<[at: number, line: Line]> {
  return parseEntries(bytes).flatMap(([at, line]): Array<[number, Line]> => {
    try {
      return [[at, decodeLine(line)]];
    } catch {
      return [];
    }
  });
}

/** Lines of neighbouring stretches as one; of each location what there is. */
export function combineLines(lines: readonly Line[]): Line {
  const ids = new Set(
    lines.flatMap(({ locations }) => locations.map(({ locationId }) => locationId)),
  );
  return {
    merged: combine(lines.map(({ merged }) => merged)),
    locations: [...ids]
      .sort((a, b) => a - b)
      .map((locationId) => ({
        locationId,
        ...combine(
          lines.flatMap(({ locations }) =>
            locations.filter((each) => each.locationId === locationId),
          ),
        ),
      })),
  };
}
