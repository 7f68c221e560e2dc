// Row 2: the last 90 days of each host. They change once an hour at most, and reading them all costs the CPU of many
// pages, so they are made seldom, by one worker, some hosts at a time: what is made waits in rows from 10 on, and when
// all of it is there the database puts it together. Every pass makes all of them anew, so whatever changed in the
// history (a late result, planned work, a restored backup) is seen by the next.
import type { InStatement } from '@libsql/client';
import { blockOf } from '#core/store/segment.ts';
import { barKey, dayOf } from '#db/history.ts';
import { write } from '#db/write.ts';
import type { DayRow } from '#web/chart/days.ts';
import type { StatusModel as PagesModel } from '#web/models.ts';
import { hostDayRow, type KeptDays } from '#worker/history/hostDays.ts';
import type { Platform } from '#worker/platform.ts';
import type { StatusModel } from '#worker/status/model.ts';
import { paceOf } from './memory.ts';

/** By host id. */
export type HostDays = ReadonlyMap<number, DayRow>;

type DayTuple = [hostId: number, from: string, days: string, uptime: number | null];

/** Checks whose days are read at once: half of what a tick at the edge has CPU for. */
const CHECKS_AT_ONCE = 125;
/** Where a part of a pass waits for the others. */
const FIRST_PART = 10;

/** How far a pass is: its parts that are done, and the last host of them. */
interface Pass {
  part: number;
  hostId: number;
}

/**
 * Makes the row anew if it is time: at the edge one part of it, elsewhere all. True when something was done. Of two at
 * once the first one counts; a pass that died goes on where it was.
 */
export async function refreshDays(platform: Platform): Promise<boolean> {
  const now = platform.now();
  const { daysMs } = paceOf(platform.config);
  const [begun, held] = await write(platform.db, [
    {
      sql: `insert into page_snapshot (id, at, mark, body) values (2, ?, '0 0', '')
            on conflict (id) do update set at = excluded.at, mark = excluded.mark
              where mark = '' and (at <= ? or at > ?)`,
      args: [now, now - daysMs, now],
    },
    'select mark from page_snapshot where id = 2',
  ]);
  const mark = String(held?.rows[0]?.mark ?? '');
  if (begun?.rowsAffected !== 1 && mark === '') return false;
  const [part = 0, hostId = 0] = mark.split(' ').map(Number);
  let pass: Pass | null = { part, hostId };
  do {
    pass = await makePart(platform, pass);
  } while (pass !== null && platform.config.runtime !== 'edge');
  return true;
}

/** Makes the next part; null = it was the last, or another is quicker. */
async function makePart(platform: Platform, pass: Pass): Promise<Pass | null> {
  const { checks, last } = await readChecks(platform, pass.hostId);
  const days = await readKept(platform, checks);
  const byHost = Map.groupBy(checks, ([hostId]) => hostId);
  const today = dayOf(platform.now());
  const rows = new Map<number, DayRow>();
  for (const [hostId, own] of byHost) {
    const row = hostDayRow(
      own.map(([, checkId]) => days.get(checkId) ?? { days: null, hours: null }),
      today,
    );
    if (row) rows.set(hostId, row);
  }
  const mark = `${pass.part} ${pass.hostId}`;
  const next: Pass = { part: pass.part + 1, hostId: Math.max(pass.hostId, ...byHost.keys()) };
  const statements = last ? publish(pass, mark, rows) : keepPart(pass, mark, next, rows);
  const results = await write(platform.db, statements);
  return last || results.at(-1)?.rowsAffected !== 1 ? null : next;
}

/** True while nobody took the pass further. */
const UNMOVED = '(select mark from page_snapshot where id = 2) = ?';

function keepPart(pass: Pass, mark: string, next: Pass, rows: HostDays): InStatement[] {
  return [
    {
      sql: `insert into page_snapshot (id, at, mark, body)
            select ?, 0, '', ? where ${UNMOVED}
            on conflict (id) do update set body = excluded.body where body <> excluded.body`,
      args: [FIRST_PART + pass.part, packDays(rows), mark],
    },
    {
      sql: 'update page_snapshot set mark = ? where id = 2 and mark = ?',
      args: [`${next.part} ${next.hostId}`, mark],
    },
  ];
}

/** The last part and those that wait as one; what an earlier, longer pass left behind goes. */
function publish(pass: Pass, mark: string, rows: HostDays): InStatement[] {
  const inner = (text: string) => `substr(${text}, 2, length(${text}) - 2)`;
  const whole = `'[' || coalesce((select group_concat(part, ',') from (
    select ${inner('body')} as part from page_snapshot where id >= ?1 and id < ?2
    union all select ${inner('?3')}) where part <> ''), '') || ']'`;
  const end = FIRST_PART + pass.part;
  return [
    {
      sql: `delete from page_snapshot where id >= ? and ${UNMOVED}`,
      args: [end, mark],
    },
    pass.part === 0
      ? {
          sql: `update page_snapshot set mark = '', body = ? where id = 2 and mark = ?`,
          args: [packDays(rows), mark],
        }
      : {
          sql: `update page_snapshot set mark = '', body = ${whole} where id = 2 and mark = ?4`,
          args: [FIRST_PART, end, packDays(rows), mark],
        },
  ];
}

type CheckPlace = [hostId: number, checkId: number, shard: number, position: number];

/** The checks of the hosts that follow, of each host all; `last` = there are no more. */
async function readChecks(
  { db }: Platform,
  afterHostId: number,
): Promise<{ checks: CheckPlace[]; last: boolean }> {
  const read = async (where: string, args: number[]): Promise<CheckPlace[]> => {
    const { rows } = await db.$client.execute({
      sql: `select json_group_array(json_array(host_id, id, shard, position)) as packed from (
              select host_id, id, shard, position from check_ where ${where})`,
      args,
    });
    return JSON.parse(String(rows[0]?.packed)) as CheckPlace[];
  };
  const some = await read('host_id > ? and deleted_at is null order by host_id limit ?', [
    afterHostId,
    CHECKS_AT_ONCE + 1,
  ]);
  if (some.length <= CHECKS_AT_ONCE) return { checks: some, last: true };
  // The last host may have more than was read; one that fills it all is read whole.
  const cut = some.at(-1)?.[0] ?? 0;
  const whole = some.filter(([hostId]) => hostId !== cut);
  if (whole.length > 0) return { checks: whole, last: false };
  return { checks: await read('host_id = ? and deleted_at is null', [cut]), last: false };
}

/** What is kept of these checks, cut out of their blocks' rows by the database. */
async function readKept(
  { db }: Platform,
  checks: readonly CheckPlace[],
): Promise<Map<number, KeptDays>> {
  const blocks = Map.groupBy(checks, ([, , shard, position]) => barKey(shard, blockOf(position)));
  const kept = new Map<number, KeptDays>();
  if (blocks.size === 0) return kept;
  const own = (column: string) => `${column} -> ('$."' || j.value || '"')`;
  const results = await db.$client.batch(
    [...blocks].map(([key, places]) => ({
      sql: `select json_group_array(json_array(j.value, ${own('b.days')}, ${own('b.hours')})) as packed
            from (select days, hours from bar where k = ?) b, json_each(?) j`,
      args: [key, JSON.stringify(places.map(([, checkId]) => checkId))],
    })),
    'read',
  );
  type Kept = [checkId: number, days: KeptDays['days'], hours: KeptDays['hours']];
  for (const { rows } of results) {
    const packed = JSON.parse(String(rows[0]?.packed ?? '[]')) as Kept[];
    for (const [checkId, days, hours] of packed) kept.set(checkId, { days, hours });
  }
  return kept;
}

/** The row as it is: 1 row read. */
export async function readDays({ db }: Platform): Promise<HostDays> {
  const { rows } = await db.$client.execute('select body from page_snapshot where id = 2');
  return parseDays(String(rows[0]?.body ?? ''));
}

/** The same status with what is known of each host's days, as pages show it. */
export function withDays(model: StatusModel, days: HostDays): PagesModel {
  const hosts = model.hosts.map((host) => {
    const row = days.get(host.id);
    return row ? { ...host, days: row } : host;
  });
  return { ...model, hosts };
}

export function packDays(days: HostDays): string {
  const tuples = [...days].map(([hostId, { from, days, uptime }]): DayTuple => {
    return [hostId, from, days, uptime];
  });
  return JSON.stringify(tuples);
}

/** What cannot be read is no history. */
export function parseDays(text: string): HostDays {
  try {
    const tuples = JSON.parse(text) as DayTuple[];
    return new Map(tuples.map(([hostId, from, days, uptime]) => [hostId, { from, days, uptime }]));
  } catch {
    return new Map();
  }
}
