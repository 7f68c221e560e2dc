// History out of the database, line by line: by ranges of keys, so that no more than a page of it is ever in memory.
import type { Row } from '@libsql/client';
import { base64url } from 'jose';
import { checkOfWeekKey, DAY_MS } from '#db/history.ts';
import { parseStates } from '#db/states.ts';
import { type Cursor, parseCursor } from '#worker/history/cursor.ts';
import { type Keeping, readKeeping } from '#worker/history/rings.ts';
import { unfoldedHours } from '#worker/history/unfolded.ts';
import type { Platform } from '#worker/platform.ts';
import { HISTORY } from '../tables.ts';
import type { Line, TableName } from './lines.ts';

const CHECKS = 2 ** 20;

type Lines = Array<Line<TableName>>;

/** How a table is read: so many rows at once, and what they are as lines. */
interface Reader {
  page: number;
  lines: (row: Row) => Lines;
}

const READERS: Record<TableName, Reader> = {
  shard_state: {
    page: 1,
    lines: (row) =>
      [...parseStates(String(row.body)).values()].map(({ checkId, ...state }) => ({
        table: 'shard_state',
        check: checkId,
        ...state,
      })),
  },
  incident: {
    page: 500,
    lines: (row) => [
      {
        table: 'incident',
        check: Number(row.check_id),
        openedAt: Number(row.opened_at),
        closedAt: numberOrNull(row.closed_at),
        worst: String(row.worst),
        code: String(row.code),
        text: String(row.text),
        foundAt: numberOrNull(row.found_at),
        beganAt: numberOrNull(row.began_at),
        endedAt: numberOrNull(row.ended_at),
      },
    ],
  },
  flip: {
    page: 500,
    lines: (row) => [
      {
        table: 'flip',
        check: Number(row.check_id),
        from: String(row.from_status),
        to: String(row.to_status),
        level: numberOrNull(row.level),
        at: Number(row.at),
        sinceAt: Number(row.since_at),
        rule: String(row.rule),
        code: String(row.code),
        text: String(row.text),
        voices: JSON.parse(String(row.voices)),
      },
    ],
  },
  event: {
    page: 500,
    lines: (row) => [
      {
        table: 'event',
        at: Number(row.at),
        kind: String(row.kind),
        text: String(row.text),
        body: row.body === null ? null : JSON.parse(String(row.body)),
      },
    ],
  },
  chunk: {
    page: 200,
    lines: (row) => [
      {
        table: 'chunk',
        check: Number(row.k) % CHECKS,
        hour: Number(row.hour),
        body: text64(row.body),
        carry: text64(row.carry),
      },
    ],
  },
  metric: {
    page: 200,
    lines: (row) => [
      {
        table: 'metric',
        check: Number(row.k) % CHECKS,
        hour: Number(row.hour),
        body: String(row.body),
      },
    ],
  },
  hours: {
    page: 50,
    lines: (row) => [
      {
        table: 'hours',
        check: checkOfWeekKey(Number(row.k)),
        week: Number(row.week),
        body: text64(row.body),
      },
    ],
  },
  days: {
    page: 50,
    lines: (row) => [{ table: 'days', check: Number(row.check_id), body: text64(row.body) }],
  },
  bar: {
    page: 1,
    lines: (row) => {
      const [days, hours] = [row.days, row.hours].map(
        (text) => JSON.parse(String(text)) as Record<string, Line<'bar'>['days']>,
      );
      const checks = new Set([...Object.keys(days ?? {}), ...Object.keys(hours ?? {})]);
      return [...checks].map((check) => ({
        table: 'bar',
        check: Number(check),
        days: days?.[check] ?? {},
        hours: hours?.[check] ?? {},
      }));
    },
  },
};

/** Every line, the last one with how many there were. Of checks that are removed nothing is told. */
export async function* historyLines(
  platform: Platform,
  checks: ReadonlySet<number>,
): AsyncGenerator<string> {
  let lines = 0;
  const unfolded = await Unfolded.from(platform);
  for (const table of Object.keys(READERS) as TableName[]) {
    for await (const line of unfolded.beside(table, tableLines(platform, table))) {
      if ('check' in line && !checks.has(line.check)) continue;
      lines += 1;
      yield `${JSON.stringify(line)}\n`;
    }
  }
  const end: Line<'end'> = { table: 'end', lines, days: await unsummedDays(platform) };
  yield `${JSON.stringify(end)}\n`;
}

/** The hours nobody has folded yet, put where they will stand once somebody has. */
class Unfolded {
  readonly #platform: Platform;
  readonly #cursors: Cursor[];
  readonly #keeping: Keeping;
  /** By check, the first hour of it that is not folded. */
  readonly #since: Map<number, number>;
  readonly #metrics: Array<Line<'metric'>> = [];
  /** By check, the hours its bar will have. */
  readonly #bars = new Map<string, Record<string, Line<'bar'>['hours'][string]>>();

  private constructor(
    platform: Platform,
    cursors: Cursor[],
    keeping: Keeping,
    since: Map<number, number>,
  ) {
    this.#platform = platform;
    this.#cursors = cursors;
    this.#keeping = keeping;
    this.#since = since;
  }

  static async from(platform: Platform): Promise<Unfolded> {
    const [keeping, folded, checks] = await platform.db.$client.batch(
      [
        readKeeping.sql,
        'select shard, version, body from folded',
        'select id, shard, position from check_ where deleted_at is null',
      ],
      'read',
    );
    const cursors = (folded?.rows ?? []).map(parseCursor);
    const since = new Map<number, number>();
    for (const row of checks?.rows ?? []) {
      const cursor = cursors.find(({ shard }) => shard === Number(row.shard));
      if (cursor) {
        const done = Number(row.position) < cursor.position;
        since.set(Number(row.id), cursor.hour + (done ? 1 : 0));
      }
    }
    return new Unfolded(platform, cursors, readKeeping.parse(keeping), since);
  }

  /** A table's lines with theirs; the hours come before what is made of them. */
  async *beside(
    table: TableName,
    lines: AsyncGenerator<Line<TableName>>,
  ): AsyncGenerator<Line<TableName>> {
    for await (const line of lines) {
      if (line.table === 'bar') yield this.#withHours(line);
      else if (line.table !== 'chunk' && line.table !== 'metric') yield line;
      else if (line.hour < (this.#since.get(line.check) ?? line.hour + 1)) yield line;
    }
    if (table === 'chunk') yield* this.#chunks();
    if (table === 'metric') yield* this.#metrics;
    if (table === 'bar') {
      for (const [check, hours] of this.#bars) {
        yield { table, check: Number(check), days: {}, hours };
      }
    }
  }

  async *#chunks(): AsyncGenerator<Line<'chunk'>> {
    for (const cursor of this.#cursors) {
      for await (const each of unfoldedHours(this.#platform, cursor, this.#keeping)) {
        const { checkId: check, hour, body, carry, metrics, bar } = each;
        yield { table: 'chunk', check, hour, body: text64(body), carry: text64(carry) };
        if (metrics.length > 0) {
          this.#metrics.push({ table: 'metric', check, hour, body: JSON.stringify(metrics) });
        }
        const packed = JSON.parse(bar) as Record<string, Line<'bar'>['hours']>;
        const held = this.#bars.get(String(check)) ?? {};
        this.#bars.set(String(check), Object.assign(held, packed[check]));
      }
    }
  }

  #withHours(line: Line<'bar'>): Line<'bar'> {
    const own = this.#bars.get(String(line.check));
    if (!own) return line;
    this.#bars.delete(String(line.check));
    return { ...line, hours: { ...line.hours, ...own } };
  }
}

async function* tableLines({ db }: Platform, table: TableName): AsyncGenerator<Line<TableName>> {
  const { page, lines } = READERS[table];
  const { key, columns } = HISTORY[table];
  for (let after = -1; ; ) {
    const { rows } = await db.$client.execute({
      sql: `select ${[key, ...columns]} from ${table} where ${key} > ? order by ${key} limit ${page}`,
      args: [after],
    });
    for (const row of rows) yield* lines(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < page) return;
    after = Number(last[key]);
  }
}

/** The days of which there are hours, but perhaps no figures of the day yet. */
async function unsummedDays({ db, now }: Platform): Promise<[from: number, to: number]> {
  const { rows } = await db.$client.execute('select shard, version, body from folded');
  const today = Math.floor(now() / DAY_MS);
  return [Math.min(today, ...rows.map((row) => parseCursor(row).day)), today];
}

function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value);
}

function text64(value: unknown): string {
  return base64url.encode(new Uint8Array(value as ArrayBuffer | Uint8Array));
}
