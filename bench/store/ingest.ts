// CPU of a post of 500 results, split into its parts, in workerd and in Node against the same sqld.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client/http';
import { FakeRunner, makeJoinCode, result } from '#test/support/fakeRunner.ts';
import { openTestDb, testPlatform } from '#test/support/platform.ts';
import { seedChecks } from '#test/support/seed.ts';
import { freePort, startSqld } from '#test/support/sqld.ts';
import { app } from '#worker/app.ts';
import { ingestParts, PARTS, type Part, type SignedPost } from './ingestParts.ts';
import { cpuMsOf, startWorkerd } from './workerd.ts';

export type IngestCost = Record<Part, { workerdMs: number; nodeMs: number }>;

const RESULTS = 500;

export async function measureIngest(rounds = 400): Promise<IngestCost> {
  const sqld = await startSqld();
  const folder = mkdtempSync(join(tmpdir(), 'anyup-bench-'));
  const platform = await testPlatform({ db: await openTestDb(sqld.url) });
  const port = await freePort();
  const child = await startWorkerd('bench/store/ingestWorker.ts', folder, port);
  try {
    const post = await signedPost(platform);
    const call = async (part: Part, n: number) => {
      const answer = await fetch(`http://127.0.0.1:${port}/?db=${sqld.url}&part=${part}&n=${n}`, {
        method: 'POST',
        body: JSON.stringify(post),
      });
      if (!answer.ok) throw new Error(await answer.text());
    };
    const parts = await ingestParts(createClient({ url: sqld.url }), post);
    const cost = {} as IngestCost;
    for (const part of PARTS) {
      await call(part, rounds / 4);
      const before = cpuMsOf(child);
      await call(part, rounds);
      const workerdMs = (cpuMsOf(child) - before) / rounds;
      cost[part] = { workerdMs, nodeMs: await cpuInNode(parts[part], rounds) };
    }
    return cost;
  } finally {
    child.kill();
    platform.close();
    await sqld.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function cpuInNode(act: () => Promise<unknown>, rounds: number): Promise<number> {
  for (let round = 0; round < rounds / 4; round++) await act();
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / rounds;
}

/** A post as a runner would send it: caught on its way, after two that were taken. */
async function signedPost(platform: Awaited<ReturnType<typeof testPlatform>>): Promise<SignedPost> {
  let caught: RequestInit | undefined;
  let catching = false;
  const ask = (path: string, init?: RequestInit): Promise<Response> => {
    if (!catching) return Promise.resolve(app.request(path, init, platform));
    caught = init;
    return Promise.resolve(Response.json({ seq: 1 }));
  };
  const code = await makeJoinCode(platform, { location: 'Home' });
  const runner = await FakeRunner.enrol(ask, { code, now: platform.now });
  const ids = await seedChecks(platform, { count: RESULTS });
  const results = () =>
    ids.map((id, index) => result(id, platform.now() - index, { rttUs: 20_000 + index * 7 }));
  for (let round = 0; round < 2; round++) {
    await runner.post(results());
    platform.advance(60_000);
  }
  catching = true;
  await runner.post(results());
  const headers = new Headers(caught?.headers);
  return {
    token: (headers.get('authorization') ?? '').replace('Bearer ', ''),
    body: new TextDecoder().decode(caught?.body as Uint8Array),
    publicKey: runner.key.x,
    aud: runner.aud,
    runnerId: Number(runner.id),
    now: platform.now(),
  };
}
