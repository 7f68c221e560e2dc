// What scripts measure beside their status: kept by check and hour, as it is, a column per metric.
import type { InStatement } from '@libsql/client';
import type { Metric } from '#core/reading.ts';
import { chunkKey, HOUR_MS } from '#db/history.ts';
import { type Cursor, unmoved } from './cursor.ts';
import { ringsFor } from './rings.ts';
import type { SliceCheck, SliceContext, SliceMaterial, SliceWanted } from './slice.ts';

/** One metric in one hour: seconds after its start, and values. */
export interface MetricColumn {
  name: string;
  unit?: string;
  at: number[];
  value: number[];
}

/** Rows for the metrics that arrived for the hour; only checks that have some. */
export function metricStatements(
  cursor: Cursor,
  { hour }: SliceWanted,
  material: SliceMaterial,
  { keeping }: SliceContext,
): InStatement[] {
  if (material.metrics.length === 0) return [];
  const rows: unknown[] = [];
  for (const check of material.checks) {
    const columns = metricsOfHour(check, hour, material);
    if (columns.length > 0) {
      const key = chunkKey(ringsFor(keeping, check.hostId), hour, check.checkId);
      rows.push([key, JSON.stringify(columns)]);
    }
  }
  if (rows.length === 0) return [];
  const guard = unmoved(cursor);
  return [
    {
      sql: `insert into metric (k, hour, body) select value ->> 0, ?, value ->> 1 from json_each(?) where ${guard.sql}
            on conflict (k) do update set hour = excluded.hour, body = excluded.body
              where excluded.hour >= metric.hour`,
      args: [hour, JSON.stringify(rows), ...guard.args],
    },
  ];
}

/** What arrived of a check for the hour, with what is kept; empty when nothing arrived. */
export function metricsOfHour(
  { checkId, position }: SliceCheck,
  hour: number,
  { metrics, keptMetrics }: SliceMaterial,
): MetricColumn[] {
  const hourAt = hour * HOUR_MS;
  const own = metrics.filter(
    ([where, at]) => where === position && at >= hourAt && at < hourAt + HOUR_MS,
  );
  if (own.length === 0) return [];
  const kept = keptMetrics.get(checkId) ?? [];
  return columnsOf([...resultsOf(kept, hourAt), ...own], hourAt);
}

function resultsOf(columns: readonly MetricColumn[], hourAt: number) {
  return columns.flatMap(({ name, unit, at, value }) =>
    at.map((second, index): [number, number, Metric[]] => {
      const metric = { name, ...(unit !== undefined && { unit }), value: value[index] ?? 0 };
      return [0, hourAt + second * 1000, [metric]];
    }),
  );
}

export function columnsOf(
  results: ReadonlyArray<[position: number, at: number, metrics: Metric[]]>,
  hourAt: number,
): MetricColumn[] {
  const columns = new Map<string, MetricColumn>();
  for (const [, at, metrics] of [...results].sort((a, b) => a[1] - b[1])) {
    for (const { name, value, unit } of metrics) {
      const column = columns.get(name) ?? {
        name,
        ...(unit !== undefined && { unit }),
        at: [],
        value: [],
      };
      columns.set(name, column);
      const second = Math.round((at - hourAt) / 1000);
      if (column.at.at(-1) === second) continue;
      column.at.push(second);
      column.value.push(value);
    }
  }
  return [...columns.values()];
}
