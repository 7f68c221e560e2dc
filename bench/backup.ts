// `npm run bench -- backup`: a full backup of 5 MB and of 50 MB, out and in again, with the memory it takes; and what
// the meter adds to a call of the database.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Client } from '@libsql/client';
import { type TestPlatform, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { backupText, streamed } from '#worker/backup/download.ts';
import { restore } from '#worker/backup/restore.ts';
import { metered } from '#worker/meter/counter.ts';
import type { Actor } from '#worker/platform.ts';

const OWNER: Actor = { name: 'bench', role: 'owner', via: 'key' };
const HOURS = 720;
const MB = 1e6;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

export async function run(): Promise<void> {
  for (const checks of [10, 100]) await measureBackup(checks);
  await measureMeter();
}

async function measureBackup(checks: number): Promise<void> {
  const [from, to] = [await furnished(checks), await testPlatform()];
  const out = await watched(async (seen) => {
    let bytes = 0;
    for await (const piece of streamed(backupText(from, OWNER, { full: true }))) {
      bytes += piece.length;
      seen();
    }
    return bytes;
  });
  console.log(`full backup, ${(out.result / MB).toFixed(1)} MB: ${told(out, out.result)}`);
  const back = await watched(async (seen) => {
    const body = streamed(backupText(from, OWNER, { full: true })).pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(piece, controller) {
          seen();
          controller.enqueue(piece);
        },
      }),
    );
    return restore(to, OWNER, body, { dryRun: false, replace: false, from: 0 });
  });
  console.log(`  read and restored: ${told(back, out.result)}`);
  from.close();
  to.close();
}

/** Checks with a month of chunks of the usual size. */
async function furnished(checks: number): Promise<TestPlatform> {
  const platform = await testPlatform();
  await seedChecks(platform, { count: checks });
  const hour = Math.floor(platform.now() / 3_600_000);
  await platform.db.$client.execute({
    sql: `insert into chunk (k, hour, body, carry)
          select ((? - h.value) % ${HOURS}) * 1048576 + c.id, ? - h.value, randomblob(440), randomblob(24)
          from check_ c, json_each(?) h`,
    args: [hour, hour, JSON.stringify(Array.from({ length: HOURS }, (_, n) => n + 1))],
  });
  return platform;
}

interface Watched<T> {
  result: T;
  ms: number;
  /** The most the process's own memory grew by. */
  grownMb: number;
}

async function watched<T>(work: (seen: () => void) => Promise<T>): Promise<Watched<T>> {
  gc();
  const held = () => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = held();
  let most = 0;
  let pieces = 0;
  const startedAt = performance.now();
  const result = await work(() => {
    if (pieces++ % 20 > 0) return;
    gc();
    most = Math.max(most, held() - before);
  });
  return { result, ms: performance.now() - startedAt, grownMb: most / MB };
}

function told({ ms, grownMb }: Watched<unknown>, bytes: number): string {
  return `${(bytes / MB / (ms / 1000)).toFixed(0)} MB/s, memory held grew by ${grownMb.toFixed(1)} MB at the most`;
}

/** An answer of five statements parsed, with and without the meter, turn about. */
async function measureMeter(): Promise<void> {
  const step = { cols: [], rows: [], affected_row_count: 1, rows_read: 1, rows_written: 1 };
  const result = { step_results: Array.from({ length: 5 }, () => step), step_errors: [] };
  const answer = JSON.stringify({ results: [{ type: 'ok', response: { type: 'batch', result } }] });
  const plain: typeof fetch = async () => new Response(answer);
  const real = globalThis.fetch;
  globalThis.fetch = plain;
  let counting = plain;
  metered('http://database', (fetch) => {
    counting = fetch;
    return { close: () => undefined } as Client;
  });
  const spent = [0, 0];
  for (let round = 0; round < 20; round++) {
    for (const [index, fetch] of [plain, counting].entries()) {
      const before = process.cpuUsage();
      for (let n = 0; n < 5000; n++) await (await fetch('http://database')).json();
      const { user, system } = process.cpuUsage(before);
      if (round > 4) spent[index] = (spent[index] ?? 0) + user + system;
    }
  }
  globalThis.fetch = real;
  const [without = 0, withIt = 0] = spent.map((us) => us / (15 * 5000));
  console.log(
    `an answer of the database parsed: ${without.toFixed(2)} µs, with the meter ${withIt.toFixed(2)} µs`,
  );
}
