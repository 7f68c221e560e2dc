// Bytes a result takes: in rows of arrivals and in chunks, keys and page waste counted, by the size of a file.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeCarry } from '#core/history/carry.ts';
import { encodeChunk, HOUR_MS } from '#core/history/chunk.ts';
import { foldHour } from '#core/history/foldHour.ts';
import { type Readings, saying } from '#core/history/readings.ts';
import { toLog16 } from '#core/store/log16.ts';
import { Outcomes } from '#core/store/outcome.ts';
import { chunkKey, FIRST_RING, hourOf } from '#db/history.ts';
import { write } from '#db/write.ts';
import { openTestDb } from '#test/support/platform.ts';
import type { KeptResult } from '#worker/ingest/fold.ts';
import { resultsStatements } from '#worker/ingest/store.ts';
import { CHECKS, FLUSH_MS, INTERVAL_MS, LOCATIONS, Load } from './load.ts';

export interface Sizes {
  results: number;
  arrived: number;
  chunks: number;
  foldUsPer1000: number;
}

const START = Date.UTC(2026, 10, 21);
const JUDGING = {
  ...{ intervalMs: INTERVAL_MS, timeoutMs: 10_000, flushMs: FLUSH_MS, failures: 2, successes: 1 },
  policy: { type: 'any' } as const,
};

/** Writes `results` generated ones both ways and looks how large the files became. */
export async function measureSizes(results: number): Promise<Sizes> {
  const folder = mkdtempSync(join(tmpdir(), 'anyup-bench-'));
  const arrivals = await openTestDb(`file:${join(folder, 'arrivals.db')}`);
  const kept = await openTestDb(`file:${join(folder, 'kept.db')}`);
  const empty = [await bytesOf(arrivals), await bytesOf(kept)] as const;
  const load = new Load();
  const outcomes = new Outcomes();
  let [count, held, foldMs] = [0, 0, 0];
  const carries = new Map<number, ReturnType<typeof foldHour>['carry']>();
  for (let hourAt = START; count < results; hourAt += HOUR_MS) {
    const hour: Map<number, Readings>[] = Array.from({ length: CHECKS }, () => new Map());
    for (let at = hourAt; at < hourAt + HOUR_MS; at += FLUSH_MS) {
      for (let location = 1; location <= LOCATIONS; location++) {
        const flush = load.flush(location, at);
        count += flush.length;
        for (const result of flush) add(hour, location, result, outcomes);
        const post = {
          shard: 0,
          runnerId: location,
          stream: 'live' as const,
          seq: 0,
          hash: '',
          boot: '',
        };
        // The ring holds 8.5 hours; it is filled once, and once more over.
        if (hourAt >= START + 9 * HOUR_MS) continue;
        if (hourAt >= START + HOUR_MS || at >= START) held += flush.length;
        await write(arrivals, [TOUCH, ...resultsStatements(post, flush, at + FLUSH_MS)]);
      }
    }
    const before = performance.now();
    const rows = hour.map((readings, position) => {
      const folded = foldHour({
        ...{ hourAt, judging: JUDGING, assigned: [1, 2, 3], readings, outcomes },
        before: carries.get(position) ?? null,
      });
      carries.set(position, folded.carry);
      return {
        sql: 'insert into chunk (k, hour, body, carry) values (?, ?, ?, ?)',
        args: [
          chunkKey([FIRST_RING], hourOf(hourAt), position + 1),
          hourOf(hourAt),
          encodeChunk(folded.chunk, outcomes, hourAt),
          encodeCarry(folded.carry, JUDGING, hourAt + HOUR_MS),
        ],
      };
    });
    foldMs += performance.now() - before;
    await write(kept, rows);
  }
  const ringed = await arrivals.$client.execute('select count(*) as n from recent');
  const inRing = (Number(ringed.rows[0]?.n) / LOCATIONS) * 4 * CHECKS * LOCATIONS;
  const sizes = {
    results: count,
    arrived: ((await bytesOf(arrivals)) - empty[0]) / Math.min(held, inRing),
    chunks: ((await bytesOf(kept)) - empty[1]) / count,
    foldUsPer1000: (foldMs * 1e6) / count,
  };
  arrivals.$client.close();
  kept.$client.close();
  rmSync(folder, { recursive: true, force: true });
  return sizes;
}

/** `changes()` of the statement before must be above 0. */
const TOUCH = `insert into setting (key, value) values ('bench', '1') on conflict (key) do update set value = '1'`;

function add(
  hour: Map<number, Readings>[],
  location: number,
  result: KeptResult,
  outcomes: Outcomes,
): void {
  const own = hour[result.position] as Map<number, Readings>;
  const readings = own.get(location) ?? { at: [], said: [] };
  own.set(location, readings);
  readings.at.push(result.at);
  readings.said.push(saying(outcomes.idOf(result), toLog16(result.rttUs)));
}

async function bytesOf(db: Awaited<ReturnType<typeof openTestDb>>): Promise<number> {
  const read = async (pragma: string) =>
    Number(Object.values((await db.$client.execute(`pragma ${pragma}`)).rows[0] ?? {})[0]);
  return ((await read('page_count')) - (await read('freelist_count'))) * (await read('page_size'));
}
