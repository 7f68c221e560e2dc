// Scripts that do what they should not: each is stopped, named for what it is, and nothing of it stays.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProbe } from '#runner/probes/index.ts';
import { type Scripts, scriptFolder } from '#test/support/probes/scripts.ts';
import { until } from '#test/support/until.ts';

let scripts: Scripts;
/** Stands in the command line of whatever a test's script leaves behind. */
let sleep: string;
let counter = 0;

beforeEach(() => {
  scripts = scriptFolder();
  counter++;
  sleep = `sleep 7${process.pid}.${counter}`;
});
afterEach(async () => {
  await until(left, (count) => count === 0);
  scripts.remove();
});

/** How many processes of the test's script are still there. */
function left(): number {
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false;
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'latin1').replaceAll('\0', ' ').includes(sleep);
    } catch {
      return false;
    }
  }).length;
}

function probe(name: string, fields: Record<string, unknown> = {}, timeoutMs = 20_000) {
  const config = { kind: 'script', target: `script:${name}`, ...fields };
  return runProbe(config, { timeoutMs, probesFolder: scripts.folder });
}

test('a script that makes process after process is stopped as soon as it has too many', async () => {
  scripts.add('bomb', `while :; do ${sleep} & done`);
  const bomb = await probe('bomb', { processes: 30 });
  expect(bomb).toMatchObject({ level: 500, code: 'script.limit' });
  expect(bomb.text).toMatch(/^stopped: it had \d+ processes at once; at most 30 are allowed$/);
});

test('children that got away from it are found and ended', async () => {
  scripts.add('away', `setsid ${sleep} & setsid setsid ${sleep} & echo fine; exit 0`);
  expect(await probe('away')).toMatchObject({ level: 100, text: 'fine' });
});

test('a script that has no ear for SIGTERM, nor have its children, is ended when its time is over', async () => {
  scripts.add('deaf', `trap "" TERM; ${sleep} & while :; do ${sleep}; done`);
  expect(await probe('deaf', {}, 700)).toMatchObject({ level: 500, code: 'script.timeout' });
});

test('a script that prints without end is stopped', async () => {
  scripts.add('flood', 'exec yes "all is well"');
  const flood = await probe('flood');
  expect(flood).toMatchObject({ level: 500, code: 'script.limit' });
  expect(flood.text).toBe('stopped: it printed more than 16 MiB');
  expect(flood.detail?.length).toBeLessThanOrEqual(4096);
});

test('a script that wants more memory than it may have is named for that', async () => {
  scripts.add('hungry', 'exec perl -e \'$x = "a" x (1 << 29); print length $x\'');
  expect(await probe('hungry', { memoryMb: 64 })).toMatchObject({
    level: 500,
    code: 'script.limit',
    text: 'ran out of memory; its processes may have 64 MiB each',
  });
  expect(await probe('hungry', { memoryMb: 2048 })).toMatchObject({ level: 100 });
});

test('a child that nobody waits for harms nothing', async () => {
  scripts.add(
    'zombie',
    'exec perl -e \'exit 0 unless fork; select undef, undef, undef, 0.1; print "fine"\'',
  );
  expect(await probe('zombie')).toMatchObject({ level: 100, text: 'fine' });
});

test('other checks answer while bad scripts have every turn', async () => {
  scripts.add('deaf', `trap "" TERM; while :; do ${sleep}; done`);
  const server = createServer((socket) => socket.on('error', () => undefined).end());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const bad = ['a', 'b', 'c'].map((arg) => probe('deaf', { args: [arg] }, 1500));
  const config = { kind: 'tcp', target: `127.0.0.1:${port}` };
  const good = runProbe(config, { timeoutMs: 10_000, probesFolder: null });
  const first = await Promise.race([good, ...bad]);
  expect(first).toMatchObject({ level: 100 });
  const codes = (await Promise.all(bad)).map(({ code }) => code);
  server.close();
  // One of them got no turn in its time, which is no fault of the script.
  expect(codes.toSorted()).toEqual(['script.timeout', 'script.timeout', 'unable.resources']);
});
