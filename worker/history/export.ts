// Every result of a check that is kept, as text, a day at a time: what is in memory does not grow with the range.
import { outcomeOf, rttOf } from '#core/history/readings.ts';
import { statusOf } from '#core/level.ts';
import { fromLog16 } from '#core/store/log16.ts';
import { HOUR_MS, hourOf } from '#db/history.ts';
import type { Platform } from '#worker/platform.ts';
import { type HistoryPlace, placeOf } from './place.ts';
import { type ReadHours, readHours } from './readHours.ts';

export interface ExportedResult {
  at: string;
  location: string;
  /** 100–999; null = the runner could not measure. */
  level: number | null;
  status: string;
  rttUs: number | null;
  code: string;
  blind: boolean;
}

export const FORMATS = {
  csv: {
    type: 'text/csv; charset=utf-8',
    head: 'at,location,level,status,rttUs,code,blind\r\n',
    line: ({ at, location, level, status, rttUs, code, blind }: ExportedResult) =>
      `${at},${quoted(location)},${level ?? ''},${status},${rttUs ?? ''},${code},${blind ? 1 : 0}\r\n`,
  },
  ndjson: {
    type: 'application/x-ndjson',
    head: '',
    line: (result: ExportedResult) => `${JSON.stringify(result)}\n`,
  },
};

const HOURS_AT_ONCE = 24;

/** Results within [fromAt, toAt) in time order, as a stream; null = there is no such check. */
export async function exportResults(
  platform: Platform,
  checkId: number,
  { fromAt, toAt, format }: { fromAt: number; toAt: number; format: keyof typeof FORMATS },
): Promise<ReadableStream<Uint8Array> | null> {
  const place = await placeOf(platform, checkId);
  if (place === null) return null;
  const { head, line } = FORMATS[format];
  const text = new TextEncoder();
  const endAt = Math.min(toAt, place.now);
  let hour = hourOf(Math.max(fromAt, place.createdAt));
  return new ReadableStream({
    start(controller) {
      if (head !== '') controller.enqueue(text.encode(head));
    },
    async pull(controller) {
      if (hour * HOUR_MS >= endAt) {
        controller.close();
        return;
      }
      const until = Math.min(endAt, (hour + HOURS_AT_ONCE) * HOUR_MS);
      const range = { fromHour: hour, toAt: until, open: true, metrics: false };
      const read = await readHours(platform, place, range);
      hour += HOURS_AT_ONCE;
      const lines = resultsOf(read, place, fromAt, until).map(line);
      controller.enqueue(text.encode(lines.join('')));
    },
  });
}

function resultsOf(
  { hours, outcomes }: ReadHours,
  { fleet }: HistoryPlace,
  fromAt: number,
  toAt: number,
): ExportedResult[] {
  const results: Array<[at: number, result: ExportedResult]> = [];
  const names = new Map(fleet.locations.map(({ id, name }) => [id, name]));
  for (const { chunk } of hours) {
    for (const { locationId, readings } of chunk.locations) {
      for (const [index, at] of readings.at.entries()) {
        if (at < fromAt || at >= toAt) continue;
        const said = readings.said[index] as number;
        const { level, code, blind } = outcomes.get(outcomeOf(said));
        results.push([
          at,
          {
            at: new Date(at).toISOString(),
            location: names.get(locationId) ?? `location ${locationId}`,
            level,
            status: level === null ? 'unable' : statusOf(level),
            rttUs: fromLog16(rttOf(said)),
            code,
            blind,
          },
        ]);
      }
    }
  }
  return results.sort((a, b) => a[0] - b[0]).map(([, result]) => result);
}

/** As RFC 4180 has it; a leading sign would be a formula to a spreadsheet. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
