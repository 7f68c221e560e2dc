// Row 2: the last 90 days of each host. They change once an hour at most, and reading them all costs the CPU of many
// pages, so they are made seldom and by one worker.

import { write } from '#db/write.ts';
import type { DayRow } from '#web/chart/days.ts';
import { dayRowOf } from '#web/chart/days.ts';
import type { StatusModel as PagesModel } from '#web/models.ts';
import { readHostBars } from '#worker/history/readBars.ts';
import type { Platform } from '#worker/platform.ts';
import type { StatusModel } from '#worker/status/model.ts';
import { paceOf } from './memory.ts';

/** By host id. */
export type HostDays = ReadonlyMap<number, DayRow>;

type DayTuple = [hostId: number, from: string, days: string, uptime: number | null];

/** Makes the row anew if it is time and nobody else is at it. */
export async function refreshDays(platform: Platform): Promise<void> {
  const now = platform.now();
  const { daysMs } = paceOf(platform.config);
  const [claimed] = await write(platform.db, [
    {
      sql: `insert into page_snapshot (id, at, mark, body) values (2, ?, '', '')
            on conflict (id) do update set at = excluded.at where at <= ? or at > ?`,
      args: [now, now - daysMs, now],
    },
  ]);
  if (claimed?.rowsAffected !== 1) return;
  const rows = await readHostBars(platform, dayRowOf);
  const days = new Map([...rows].flatMap(([hostId, row]) => (row ? [[hostId, row] as const] : [])));
  await write(platform.db, [
    { sql: 'update page_snapshot set body = ? where id = 2', args: [packDays(days)] },
  ]);
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
