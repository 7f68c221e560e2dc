// CPU of a fold slice in workerd: 125 checks from three locations, an hour, against a real sqld.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR_MS, hourOf } from '#db/history.ts';
import { write } from '#db/write.ts';
import { FakeRunner, makeJoinCode } from '#test/support/fakeRunner.ts';
import { openTestDb, TEST_START, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { freePort, startSqld } from '#test/support/sqld.ts';
import { app } from '#worker/app.ts';
import { SLICE } from '#worker/history/cursor.ts';
import { resultsStatements } from '#worker/ingest/store.ts';
import { CHECKS, FLUSH_MS, LOCATIONS, Load } from './load.ts';
import { cpuMsOf, startWorkerd } from './workerd.ts';

const ENTRY = 'bench/store/edgeWorker.ts';
const TOUCH = `update setting set value = value where key = 'fleet'`;

export interface SliceCost {
  checks: number;
  results: number;
  cpuMs: number;
}

export async function measureSlice(rounds = 60): Promise<SliceCost> {
  const sqld = await startSqld();
  const folder = mkdtempSync(join(tmpdir(), 'anyup-bench-'));
  const platform = await testPlatform({ db: await openTestDb(sqld.url) });
  const ask = (path: string, init?: RequestInit) =>
    Promise.resolve(app.request(path, init, platform));
  const ids: number[] = [];
  for (let location = 1; location <= LOCATIONS; location++) {
    const code = await makeJoinCode(platform, { location: `Place ${location}` });
    ids.push(Number((await FakeRunner.enrol(ask, { code, now: platform.now })).id));
  }
  await seedChecks(platform, { count: CHECKS });
  await platform.db.$client.execute('update check_ set created_at = 0');
  const hourAt = TEST_START - 2 * HOUR_MS;
  await arrive(platform, ids, hourAt);
  const port = await freePort();
  const child = await startWorkerd(ENTRY, folder, port).catch(async (error: unknown) => {
    platform.close();
    await sqld.stop();
    throw error;
  });
  try {
    const call = async (n: number) => {
      const query = `db=${sqld.url}&hour=${hourOf(hourAt)}&now=${hourAt + HOUR_MS + 180_000}&n=${n}`;
      const answer = await fetch(`http://127.0.0.1:${port}/?${query}`);
      if (!answer.ok) throw new Error(await answer.text());
      await answer.text();
    };
    await call(20);
    const before = cpuMsOf(child);
    await call(rounds);
    const cpuMs = (cpuMsOf(child) - before) / rounds;
    return { checks: SLICE, results: SLICE * LOCATIONS * 60, cpuMs };
  } finally {
    child.kill();
    platform.close();
    await sqld.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function arrive(
  { db }: Awaited<ReturnType<typeof testPlatform>>,
  runners: readonly number[],
  hourAt: number,
): Promise<void> {
  const load = new Load();
  for (let at = hourAt; at < hourAt + HOUR_MS; at += FLUSH_MS) {
    for (const [index, runnerId] of runners.entries()) {
      const post = { shard: 0, runnerId, stream: 'live' as const, seq: 0, hash: '', boot: '' };
      await write(db, [
        TOUCH,
        ...resultsStatements(post, load.flush(index + 1, at), at + FLUSH_MS),
      ]);
    }
  }
}
