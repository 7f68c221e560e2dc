// The runner on real sockets and a real disk: joining, the wire, and the process as people start it.

import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RUNNER_KINDS } from '#core/checks/index.ts';
import { capabilitiesSchema } from '#core/wire/enroll.ts';
import { EnrolmentError, type EnrolmentRequest, enrol } from '#runner/enrol.ts';
import { DataError, loadKey } from '#runner/keys.ts';
import { Runner } from '#runner/loop.ts';
import { nodePlatform } from '#runner/node/platform.ts';
import type { ProbeFunction } from '#runner/platform.ts';
import { assigned, FakeWorker, problemAnswer } from '#test/support/fakeWorker.ts';
import { UP, VirtualWorld } from '#test/support/virtualRunner.ts';

const CODE = 'ABCD-EFGH-JKLM-NPQR';
const BIN = fileURLToPath(new URL('../../bin/runner.ts', import.meta.url));

let folder: string;
let worker: FakeWorker;
let url: string;
const closing: Array<() => Promise<unknown>> = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'anyup-runner-'));
  worker = new FakeWorker(Date.now);
  worker.flushMs = 200;
  const listening = await worker.listen();
  url = listening.url;
  closing.push(listening.close);
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
  expect(worker.violations).toEqual([]);
});

function request(overrides: Partial<EnrolmentRequest> = {}): EnrolmentRequest {
  return {
    url,
    join: CODE,
    name: 'attic',
    location: 'Home',
    version: '1.2.3',
    capabilities: capabilitiesSchema.parse({ icmp: 'raw', scripts: ['load'] }),
    ...overrides,
  };
}

function platformHere(probe: ProbeFunction = async () => UP) {
  const logs: string[] = [];
  const log = (level: string, message: string) => logs.push(`${level}: ${message}`);
  const platform = nodePlatform({ folder, probe, log });
  closing.push(platform.close);
  return { platform, logs };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('joining', () => {
  it('signs with a key of its own, says what it is and can, and keeps who it is', async () => {
    worker.codes.add(CODE);
    const { platform } = platformHere();
    const key = await loadKey(platform);
    const identity = await enrol(platform, key, request());
    expect(identity).toMatchObject({
      runnerId: '7',
      aud: 'http://anyup.test',
      name: 'attic',
      location: 'Home',
      url,
    });
    expect(worker.enrolments).toEqual([
      {
        code: CODE,
        publicKey: key.publicKey,
        name: 'attic',
        location: 'Home',
        version: '1.2.3',
        capabilities: {
          kinds: Object.keys(RUNNER_KINDS),
          icmp: 'raw',
          ipv6: false,
          scripts: ['load'],
        },
      },
    ]);
    expect(statSync(join(folder, 'key.json')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'identity.json'), 'utf8')).not.toContain('EFGH');
    expect(JSON.stringify(worker.enrolments)).not.toContain(
      JSON.parse(readFileSync(join(folder, 'key.json'), 'utf8')).d,
    );
  });

  it('is done once: the same code again, or none, changes nothing', async () => {
    worker.codes.add(CODE);
    const { platform } = platformHere();
    const key = await loadKey(platform);
    const identity = await enrol(platform, key, request());
    expect(await enrol(platform, key, request({ join: CODE.toLowerCase() }))).toEqual(identity);
    expect(
      await enrol(platform, await loadKey(platform), request({ join: null, url: null })),
    ).toEqual(identity);
    expect(worker.enrolments).toHaveLength(1);
  });

  it('happens again, with the same key, for a new code', async () => {
    worker.codes.add(CODE).add('SECOND-CODE-OF-16');
    const { platform } = platformHere();
    const key = await loadKey(platform);
    await enrol(platform, key, request());
    const moved = await enrol(
      platform,
      key,
      request({ join: 'SECOND-CODE-OF-16', location: 'Office' }),
    );
    expect(moved.location).toBe('Office');
    expect(worker.enrolments.map(({ publicKey }) => publicKey.x)).toEqual([
      key.publicKey.x,
      key.publicKey.x,
    ]);
  });

  it('is refused in plain words', async () => {
    const { platform } = platformHere();
    const refused = enrol(platform, await loadKey(platform), request());
    await expect(refused).rejects.toThrow(
      new EnrolmentError(
        `${url} does not take this runner: 403 · The join code is wrong, used up or expired`,
      ),
    );
  });

  it('waits for a worker that cannot be reached, and says so', async () => {
    const world = new VirtualWorld();
    worker = new FakeWorker(world.wall);
    worker.codes.add(CODE);
    worker.fault = () => 'no connection';
    const platform = world.platform(worker);
    const joining = enrol(platform, await loadKey(platform), request({ url: 'http://w.test' }));
    await world.advance(20_000);
    expect(world.logs[0]).toMatch(
      /^warn: cannot join at http:\/\/w\.test yet: no answer \(ECONNREFUSED\); trying again in [12] s$/,
    );
    worker.fault = () => null;
    await world.advance(60_000);
    expect((await joining).runnerId).toBe('7');
  });

  it('takes the time from a worker that finds its clock wrong', async () => {
    const world = new VirtualWorld();
    const right = () => world.wall() + 7_200_000;
    worker = new FakeWorker(right);
    worker.codes.add(CODE);
    const platform = world.platform(worker);
    const identity = await enrol(platform, await loadKey(platform), request());
    expect(identity.runnerId).toBe('7');
    expect(worker.calls.map(({ status }) => status)).toEqual([401, 200]);
  });

  it('says what is wrong with a damaged key instead of making another', async () => {
    writeFileSync(join(folder, 'key.json'), '{"kty":"OKP"}');
    const { platform } = platformHere();
    await expect(loadKey(platform)).rejects.toThrow(DataError);
  });

  it('shuts others out of a key file they could read', async () => {
    const { platform, logs } = platformHere();
    const key = await loadKey(platform);
    const path = join(folder, 'key.json');
    chmodSync(path, 0o644);
    expect((await loadKey(platform)).publicKey).toEqual(key.publicKey);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(logs[0]).toContain('key.json could be read by others');
  });
});

describe('the runner on real sockets', () => {
  it('joins, probes and posts signed batches that the worker can verify', async () => {
    worker.codes.add(CODE);
    worker.checks = Array.from({ length: 60 }, (_, i) =>
      assigned(i + 1, { intervalMs: 1000, position: i }),
    );
    const { platform } = platformHere();
    const key = await loadKey(platform);
    const runner = new Runner(platform, {
      key,
      identity: await enrol(platform, key, request()),
      probesFolder: null,
    });
    await runner.start();
    await until(() => worker.results.length >= 200);
    await runner.stop();
    const seqs = worker.taken.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    expect(readdirSync(join(folder, 'spool'))).toEqual(['state.json']);
  });

  it('posts what a probe said in full only of what went wrong', async () => {
    worker.codes.add(CODE);
    worker.checks = [1, 2].map((id) =>
      assigned(id, { config: { kind: 'tcp', target: `a:${id}` } }),
    );
    const said = { rttUs: 1000, code: 'ok', text: '', detail: 'all that was seen' };
    const { platform } = platformHere(async ({ target }) =>
      target === 'a:1' ? { ...said, level: 100 } : { ...said, level: 500, code: 'tcp.expect' },
    );
    const key = await loadKey(platform);
    const identity = await enrol(platform, key, request());
    const runner = new Runner(platform, { key, identity, probesFolder: null });
    await runner.start();
    const results = () => worker.results;
    await until(() => results().some(({ checkId }) => checkId === 1));
    await until(() => results().some(({ checkId }) => checkId === 2));
    await runner.stop();
    expect(results().find(({ checkId }) => checkId === 1)?.detail).toBeUndefined();
    expect(results().find(({ checkId }) => checkId === 2)?.detail).toBe('all that was seen');
  });

  it('says of what is not up that its name took long, since that was not the target', async () => {
    worker.codes.add(CODE);
    worker.checks = [1, 2, 3].map((id) =>
      assigned(id, { config: { kind: 'tcp', target: `a:${id}` } }),
    );
    const silent = { level: 500, rttUs: null, code: 'timeout', text: 'nothing came' };
    const slow = { phases: { dnsUs: 4_600_000 } };
    const quick = { phases: { dnsUs: 400_000 } };
    const { platform } = platformHere(async ({ target }) => {
      if (target === 'a:1') return { ...silent, ...slow };
      return target === 'a:2' ? { ...silent, ...quick } : { ...UP, ...slow };
    });
    const key = await loadKey(platform);
    const identity = await enrol(platform, key, request());
    const runner = new Runner(platform, { key, identity, probesFolder: null });
    await runner.start();
    const textOf = (id: number) => worker.results.find(({ checkId }) => checkId === id)?.text;
    await until(() => [1, 2, 3].every((id) => textOf(id) !== undefined));
    await runner.stop();
    expect([1, 2, 3].map(textOf)).toEqual([
      'nothing came; its name took 4.60 s to resolve',
      'nothing came',
      UP.text,
    ]);
  });

  it('keeps the base path of an address behind a proxy in what it signs', async () => {
    worker.codes.add(CODE);
    worker.fault = ({ path }) =>
      path.startsWith('/up/api/v1/runner/') ? problemAnswer(503, 'busy') : null;
    const { platform } = platformHere();
    const key = await loadKey(platform);
    const joining = enrol(platform, key, request({ url: `${url}/up` }));
    await until(() => worker.calls.length > 0);
    expect(worker.calls[0]?.path).toBe('/up/api/v1/runner/enroll');
    worker.fault = ({ path }) => {
      const { runnerId, aud } = worker;
      if (!path.startsWith('/up/')) return null;
      const body = { runnerId, aud, name: 'a', location: 'b', now: Date.now() };
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) };
    };
    expect((await joining).url).toBe(`${url}/up`);
  });

  it('says once when the worker is of another version, and goes on all the same', async () => {
    worker.codes.add(CODE);
    worker.version = '9.4.1';
    worker.checks = [assigned(1, { intervalMs: 1000 })];
    const { platform, logs } = platformHere();
    const key = await loadKey(platform);
    const identity = await enrol(platform, key, request());
    const runner = new Runner(platform, { key, identity, probesFolder: null });
    await runner.start();
    await until(() => worker.results.length > 0);
    worker.checks = [assigned(1, { intervalMs: 1000 }), assigned(2, { intervalMs: 1000 })];
    worker.configVersion++;
    await until(() => worker.results.some(({ checkId }) => checkId === 2));
    await runner.stop();
    const told = logs.filter((line) => line.includes('the worker 9.4.1'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('upgrade this runner');
  });

  it('takes no portal page for an answer', async () => {
    worker.codes.add(CODE);
    worker.checks = [assigned(1, { intervalMs: 1000 })];
    const { platform, logs } = platformHere();
    const key = await loadKey(platform);
    const identity = await enrol(platform, key, request());
    const html = Buffer.from('<html>Please log in to the hotel network</html>');
    worker.fault = () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: html });
    const runner = new Runner(platform, { key, identity, probesFolder: null });
    await runner.start();
    await until(() => logs.some((line) => line.includes("200 with an answer that is not Anyup's")));
    await runner.stop();
    expect(worker.taken).toEqual([]);
  });
});

describe('the runner process', () => {
  function start(args: string[], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [BIN, '--data', folder, ...args], {
      env: { PATH: process.env.PATH, ANYUP_CANARIES: 'off', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const run = { child, said: '', code: null as number | null };
    child.stderr.on('data', (chunk: Buffer) => {
      run.said += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    closing.push(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    return { ...run, run, ended };
  }

  it('ends with 2 and one sentence for a setting it cannot work with', async () => {
    const { run, ended } = start(['--url', 'nowhere']);
    expect(await ended).toBe(2);
    expect(run.said).toBe(
      'anyup runner: ANYUP_URL (or --url) is "nowhere"; it must be an address like "https://status.example.org".\n',
    );
  });

  it("ends with 3 and the worker's words when the code is not taken", async () => {
    const { run, ended } = start(['--url', url, '--join', CODE]);
    expect(await ended).toBe(3);
    expect(run.said).toContain('does not take this runner: 403 · The join code is wrong');
  });

  it('ends with 3 when it has never joined and nobody told it how', async () => {
    const { run, ended } = start([]);
    expect(await ended).toBe(3);
    expect(run.said).toContain('give it ANYUP_URL and ANYUP_JOIN');
  });

  it('says where it stands, probes for real, and on SIGTERM flushes and ends with 0', async () => {
    const target = createServer((socket) => {
      // The probe resets what it opened.
      socket.on('error', () => {});
      socket.end();
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => target.close(resolve)));
    const address = target.address() as { port: number };
    worker.codes.add(CODE);
    worker.flushMs = 60_000;
    worker.checks = [
      assigned(1, {
        intervalMs: 1000,
        timeoutMs: 1000,
        config: { kind: 'tcp', target: `127.0.0.1:${address.port}` },
      }),
    ];
    const { run, child, ended } = start(['--name', 'attic'], {
      ANYUP_URL: url,
      ANYUP_JOIN: CODE,
      ANYUP_LOCATION: 'Home',
    });
    await until(() => worker.results.length > 0);
    expect(worker.results[0]).toMatchObject({ checkId: 1, level: 100, code: 'ok' });
    for (const words of ['runner "attic" in Home', `worker ${url}`, 'ICMP by', 'scripts none']) {
      expect(run.said).toContain(words);
    }
    const spooled = () =>
      readdirSync(join(folder, 'spool'))
        .filter((name) => name.endsWith('.seg1'))
        .reduce((sum, name) => sum + statSync(join(folder, 'spool', name)).size, 0);
    const posted = worker.results.length;
    const before = spooled();
    await until(() => spooled() > before);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(worker.results.length).toBeGreaterThan(posted);
    expect(readdirSync(join(folder, 'spool'))).toEqual(['state.json']);
  });
});
