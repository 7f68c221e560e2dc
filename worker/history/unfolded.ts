// Hours that are not folded yet, folded for whoever wants to read them now; nothing is written.
import { encodeCarry } from '#core/history/carry.ts';
import { encodeChunk } from '#core/history/chunk.ts';
import { HOUR_MS, hourOf } from '#db/history.ts';
import { SHARD_SIZE } from '#db/place.ts';
import { configurationOf, flushMsOf } from '#worker/ingest/configuration.ts';
import type { Platform } from '#worker/platform.ts';
import { packStretches } from './bars.ts';
import { type Cursor, NOTHING_NEW, SLICE } from './cursor.ts';
import { foldCheck, stretchOf } from './foldSlice.ts';
import { type MetricColumn, metricsOfHour } from './metrics.ts';
import type { Keeping } from './rings.ts';
import { readSlice } from './slice.ts';

export interface UnfoldedHour {
  checkId: number;
  hour: number;
  body: Uint8Array;
  carry: Uint8Array;
  metrics: MetricColumn[];
  /** What its bar will show, packed (bars.ts). */
  bar: string;
}

/** Hour by hour up to the present one, which is folded as if it ended without another word. */
export async function* unfoldedHours(
  platform: Platform,
  cursor: Cursor,
  keeping: Keeping,
): AsyncGenerator<UnfoldedHour> {
  const { shard } = cursor;
  const now = platform.now();
  const configuration = await configurationOf(platform, shard, 0);
  const flushMs = flushMsOf(platform, configuration);
  const context = { fleet: configuration.fleet, flushMs, keeping, now, today: 0 };
  const ends = new Map<number, Parameters<typeof encodeCarry>[0]>();
  for (let hour = cursor.hour; hour <= hourOf(now); hour++) {
    const from = hour === cursor.hour ? cursor.position : 0;
    for (let fromPosition = from; fromPosition < SHARD_SIZE; fromPosition += SLICE) {
      const material = await readSlice(
        (statements) => platform.db.$client.batch(statements, 'read'),
        {
          ...{ shard, hour, fromPosition, toPosition: fromPosition + SLICE },
          ...{ ...NOTHING_NEW, withRecent: true, again: true },
        },
        context,
      );
      if (material.checks.length === 0) continue;
      for (const [checkId, carry] of ends) material.before.set(checkId, carry);
      const hourAt = hour * HOUR_MS;
      for (const check of material.checks) {
        const { checkId } = check;
        const folded = foldCheck(check, hourAt, material, context);
        const bar = stretchOf(check, folded.chunk, hourAt, material);
        ends.set(checkId, folded.carry);
        const metrics = metricsOfHour(check, hour, material);
        if (folded.empty && metrics.length === 0) continue;
        yield {
          checkId,
          hour,
          body: encodeChunk(folded.chunk, material.outcomes, hourAt),
          carry: encodeCarry(folded.carry, folded.chunk.judging, hourAt + HOUR_MS),
          metrics,
          bar: packStretches(new Map([[checkId, new Map([[hour, bar]])]]), HOUR_MS),
        };
      }
    }
  }
}
