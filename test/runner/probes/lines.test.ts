// A plain http check: what comes of sockets that Node knows nothing of.
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { runProbe } from '#runner/probes/index.ts';
import { findOwnSockets } from '#runner/tcp/findOwnSockets.ts';
import { descriptors, holdEventLoop, serverApart } from '#test/support/probes/apart.ts';
import {
  type Behaviour,
  closedPort,
  fullListener,
  rawServer,
  says,
} from '#test/support/probes/servers.ts';
import { until } from '#test/support/until.ts';

const context = { timeoutMs: 2000, probesFolder: null };
const cleanups: Array<() => unknown> = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

function ask(port: number, fields: Record<string, unknown> = {}, timeoutMs = 2000) {
  const target = `http://127.0.0.1:${port}/`;
  return runProbe({ kind: 'http', target, ...fields }, { ...context, timeoutMs });
}

async function serve(behave: Behaviour): Promise<number> {
  const server = await rawServer(behave);
  cleanups.push(server.close);
  return server.port;
}

async function answersAfter(ms: number): Promise<number> {
  const { port, close } = await serverApart(`
    socket.on('error', () => {});
    socket.once('data', () => setTimeout(() => socket.write(${JSON.stringify(OK)}), ${ms}));
  `);
  cleanups.push(close);
  return port;
}

test('the time of an answer is when it came, not when somebody looked', async () => {
  const port = await answersAfter(200);
  await ask(port);
  const probing = ask(port);
  // Long enough for the request to be out, not for the answer to be here.
  await pause(80);
  holdEventLoop(2000);
  const { code, rttUs, phases } = await probing;
  expect(code).toBe('ok');
  expect(rttUs).toBeGreaterThan(150_000);
  expect(rttUs).toBeLessThan(1_500_000);
  expect(phases?.firstByteUs).toBeLessThanOrEqual(rttUs ?? 0);
});

test('an answer that comes at once is stamped, after any time in which nothing was asked', async () => {
  const { port, close } = await serverApart(
    `socket.on('error', () => {}).once('data', () => socket.write(${JSON.stringify(OK)}));`,
  );
  cleanups.push(close);
  await ask(port);
  const sockets = await findOwnSockets();
  const request = Buffer.from('GET / HTTP/1.1\r\n\r\n');
  for (let times = 0; times < 5; times++) {
    await pause(100);
    const us = await new Promise((resolve, reject) => {
      sockets?.call({ address: '127.0.0.1', family: 4 }, port, {
        connected: (line) => {
          line.say(request, {
            data: (_, heardAfterUs) => {
              line.hangUp();
              resolve(heardAfterUs);
            },
            ended: reject,
            closed: reject,
            failed: reject,
          });
          holdEventLoop(400);
        },
        failed: reject,
      });
    });
    expect(us).toBeLessThan(300_000);
  }
});

test('an answer that came in time is an answer, although nobody looked before the time was over', async () => {
  const port = await answersAfter(100);
  await ask(port);
  const probing = ask(port, {}, 400);
  await pause(80);
  holdEventLoop(700);
  expect(await probing).toMatchObject({ level: 100, code: 'ok' });
});

test('a large answer is read to its end', async () => {
  const bytes = 9_000_000;
  const body = Buffer.alloc(bytes, 'x');
  const whole = await serve((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`);
    socket.end(body);
  });
  const short = await serve((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`);
    socket.end(body.subarray(1));
  });
  const limits = { maxBytes: 9_500_000 };
  expect(await ask(whole, limits, 20_000)).toMatchObject({ level: 100, code: 'ok' });
  const probed = await ask(short, limits, 20_000);
  expect(probed).toMatchObject({ code: 'closed_early' });
  expect(probed.text).toContain(`after ${bytes - 1} of ${bytes} bytes`);
});

test('a body without a length ends with the connection', async () => {
  const port = await serve((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\nfirst, ');
    setTimeout(() => socket.end('last'), 60);
  });
  const probed = await ask(port, { bodyContains: ['first, last'] });
  expect(probed).toMatchObject({ level: 100, code: 'ok' });
  expect(probed.rttUs).toBeGreaterThan(40_000);
});

test('a large request is said to its end, to a server that takes its time', async () => {
  const body = 'y'.repeat(65_536);
  let seen = 0;
  const port = await serve((socket) => socket.end(OK));
  const slow = await slowReader((bytes) => {
    seen = bytes;
  });
  const fields = { method: 'POST', body };
  expect(await ask(port, fields)).toMatchObject({ level: 100, code: 'ok' });
  expect(await ask(slow, fields, 10_000)).toMatchObject({ level: 100, code: 'ok' });
  expect(seen).toBeGreaterThan(body.length);
});

async function bareServer(behave: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => behave(socket.on('error', () => {})));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  cleanups.push(() => new Promise((done) => server.close(done)));
  return (server.address() as AddressInfo).port;
}

/** Reads a piece now and then; answers when all has come. */
function slowReader(told: (bytes: number) => void): Promise<number> {
  return bareServer((socket) => {
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      told(bytes);
      if (bytes > 65_536) socket.end(OK);
      socket.pause();
      setTimeout(() => socket.resume(), 5);
    });
  });
}

test('what a server said before it hung up on a request that it did not want is heard', async () => {
  const refusal = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n';
  // It answers before anything is asked, and reads nothing.
  const port = await bareServer((socket) => {
    socket.pause().write(refusal, () => socket.destroy());
  });
  await ask(port);
  const probing = ask(port, { method: 'POST', body: 'z'.repeat(65_536) });
  expect((await probing).text).toContain('413');
});

test('no descriptor is left behind, whatever came of it', async () => {
  const full = await fullListener();
  cleanups.push(full.close);
  const cases: Array<{ port: number; code: string }> = [
    { port: await serve(says(OK)), code: 'ok' },
    { port: await serve((socket) => socket.write(OK)), code: 'ok' },
    { port: await closedPort(), code: 'connect.refused' },
    { port: full.port, code: 'connect.timeout' },
    { port: await serve(() => {}), code: 'timeout' },
    { port: await serve((socket) => socket.resetAndDestroy()), code: 'connect.reset' },
    { port: await serve((socket) => socket.end()), code: 'closed_early' },
    { port: await serve(says('SSH-2.0-x\r\n')), code: 'http.invalid' },
  ];
  await ask(cases[0]?.port ?? 0);
  const before = descriptors();
  const probing = cases.flatMap(({ port }) => Array.from({ length: 30 }, () => ask(port, {}, 500)));
  const codes = (await Promise.all(probing)).map(({ code }) => code);
  expect(codes).toEqual(cases.flatMap(({ code }) => new Array(30).fill(code)));
  // The servers' own ends follow.
  await until(descriptors, (count) => count <= before);
});

test('more at once than one look takes in are answered to the last', async () => {
  const ports = await Promise.all([1, 2, 3].map(() => serve(says(OK))));
  await ask(ports[0] ?? 0);
  const probing = ports.flatMap((port) => Array.from({ length: 400 }, () => ask(port, {}, 10_000)));
  const levels = (await Promise.all(probing)).map(({ level }) => level);
  expect(levels).toEqual(new Array(1200).fill(100));
});
