// A tcp check that only connects: what comes of sockets that Node knows nothing of.
import { afterEach, expect, test } from 'vitest';
import { runProbe } from '#runner/probes/index.ts';
import { descriptors, holdEventLoop, serverApart } from '#test/support/probes/apart.ts';
import { closedPort, fullListener, rawServer } from '#test/support/probes/servers.ts';
import { until } from '#test/support/until.ts';

const context = { timeoutMs: 2000, probesFolder: null };
const cleanups: Array<() => unknown> = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const knockAt = (port: number, timeoutMs = 2000) =>
  runProbe({ kind: 'tcp', target: `127.0.0.1:${port}` }, { ...context, timeoutMs });

test('a port that accepts and hangs up before anybody looks has accepted', async () => {
  const { port, close } = await serverApart('socket.resetAndDestroy()');
  cleanups.push(close);
  await knockAt(port);
  const probing = Array.from({ length: 20 }, () => knockAt(port));
  // Long enough for the other process to have reset them all.
  holdEventLoop(200);
  for (const probed of await Promise.all(probing)) {
    expect(probed).toMatchObject({ level: 100, code: 'ok' });
    expect(probed.rttUs).toBeLessThan(100_000);
  }
});

test('a port that accepted in time has accepted, although nobody looked before the time was over', async () => {
  const server = await rawServer(() => {});
  cleanups.push(server.close);
  await knockAt(server.port);
  const probing = knockAt(server.port, 50);
  holdEventLoop(150);
  expect(await probing).toMatchObject({ level: 100, code: 'ok' });
});

test('no descriptor is left behind, whatever came of it', async () => {
  const server = await rawServer(() => {});
  const full = await fullListener();
  cleanups.push(server.close, full.close);
  const refusing = await closedPort();
  await knockAt(server.port);
  const before = descriptors();
  const kinds = [
    { port: server.port, code: 'ok' },
    { port: refusing, code: 'connect.refused' },
    { port: full.port, code: 'connect.timeout' },
  ];
  const probing = kinds.flatMap(({ port }) => Array.from({ length: 40 }, () => knockAt(port, 500)));
  expect(descriptors()).toBeGreaterThan(before + 40);
  const codes = (await Promise.all(probing)).map(({ code }) => code);
  expect(codes).toEqual(kinds.flatMap(({ code }) => new Array(40).fill(code)));
  // The server's own ends follow.
  await until(descriptors, (count) => count <= before);
});

test('more at once than one look takes in are answered to the last', async () => {
  const servers = await Promise.all([1, 2, 3].map(() => rawServer(() => {})));
  cleanups.push(...servers.map(({ close }) => close));
  const [{ port: first } = { port: 0 }] = servers;
  await knockAt(first);
  const probing = servers.flatMap(({ port }) =>
    Array.from({ length: 400 }, () => knockAt(port, 10_000)),
  );
  const levels = (await Promise.all(probing)).map(({ level }) => level);
  expect(levels).toEqual(new Array(1200).fill(100));
});
