// How much the database keeps.
import { DAY_MS } from '#core/meter/projection.ts';
import type { Platform } from '#worker/platform.ts';
import type { ReadLoad } from './load.ts';

/** A result in a chunk, kept for 30 days, and the roll-ups of a check; where the pages cannot be counted. */
const RESULT_BYTES = 2.6;
const KEPT_DAYS = 30;
const ROLLUP_BYTES = 100_000;

export async function readStorage(
  { db }: Platform,
  load: ReadLoad,
): Promise<{ bytes: number; counted: boolean }> {
  try {
    const [count, size] = await db.$client.batch(['pragma page_count', 'pragma page_size'], 'read');
    const bytes = Number(count?.rows[0]?.page_count) * Number(size?.rows[0]?.page_size);
    if (Number.isSafeInteger(bytes)) return { bytes, counted: true };
  } catch {
    // Not every server lets its pages be counted.
  }
  return { bytes: estimated(load), counted: false };
}

function estimated({ checks }: ReadLoad): number {
  const each = checks.map(
    ({ intervalMs, runners }) =>
      ROLLUP_BYTES + (DAY_MS / intervalMs) * runners.length * RESULT_BYTES * KEPT_DAYS,
  );
  return Math.round(each.reduce((sum, bytes) => sum + bytes, 0));
}
