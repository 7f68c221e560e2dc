// What the worker tells of the history of each check, asked through its API when every hour is folded.
import type { Series } from '#core/history/series.ts';
import type { Uptime } from '#worker/history/readUptime.ts';
import type { Watch } from './law.ts';

export interface Told {
  checkId: number;
  createdAt: number;
  /** Every reading a point. */
  series: Series;
  /** Of the month. */
  uptime: Uptime;
}

const asked = new WeakMap<Watch, Promise<Told[]>>();

/** Of all checks there still are; asked once in a world. */
export function tellHistory(watch: Watch): Promise<Told[]> {
  const known = asked.get(watch) ?? ask(watch);
  asked.set(watch, known);
  return known;
}

async function ask({ world }: Watch): Promise<Told[]> {
  const rows = await world.database.rows(
    'select id, created_at from check_ where deleted_at is null order by id',
  );
  const told: Told[] = [];
  for (const row of rows) {
    const checkId = Number(row.id);
    const series = await world.ask<Series>(`/checks/${checkId}/series?step=raw`);
    const { uptime } = await world.ask<{ uptime: [Uptime] }>(
      `/checks/${checkId}/uptime?window=2026-11`,
    );
    told.push({ checkId, createdAt: Number(row.created_at), series, uptime: uptime[0] });
  }
  return told;
}
