// Where there are no sockets of our own, which is everywhere but on Linux, Node's do the same.
import { afterEach, expect, test } from 'vitest';
import { type Order, probeInProcess } from '#test/support/probes/runAlone.ts';
import { type Behaviour, closedPort, rawServer, says } from '#test/support/probes/servers.ts';

const cleanups: Array<() => unknown> = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const ELSEWHERE = `data:text/javascript,Object.defineProperty(process,'platform',{value:'freebsd'})`;

async function serve(behave: Behaviour): Promise<number> {
  const server = await rawServer(behave);
  cleanups.push(server.close);
  return server.port;
}

async function codesOf(configs: Order['configs']): Promise<string[]> {
  const order = { configs, timeoutMs: 1000, atOnce: true };
  const { probed } = await probeInProcess(order, { NODE_OPTIONS: `--import "${ELSEWHERE}"` });
  return probed.map(({ code }) => code);
}

const drips: Behaviour = (socket) => {
  for (const [index, letter] of [...OK].entries()) setTimeout(() => socket.write(letter), index);
};

const BEHAVIOURS: Array<[Behaviour, code: string]> = [
  [says(OK), 'ok'],
  [(socket) => socket.write(OK), 'ok'],
  [drips, 'ok'],
  [() => {}, 'timeout'],
  [(socket) => socket.end(), 'closed_early'],
  [says(OK.slice(0, -1)), 'closed_early'],
  [(socket) => socket.resetAndDestroy(), 'connect.reset'],
  [says('SSH-2.0-x\r\n'), 'http.invalid'],
];

test('what servers do is told apart', async () => {
  const ports = await Promise.all(BEHAVIOURS.map(([behave]) => serve(behave)));
  const http = ports.map((port) => ({ kind: 'http', target: `http://127.0.0.1:${port}/` }));
  const tcp = [ports[0], await closedPort()].map((port) => ({
    kind: 'tcp',
    target: `127.0.0.1:${port}`,
  }));
  const expected = [...BEHAVIOURS.map(([, code]) => code), 'ok', 'connect.refused'];
  expect(await codesOf([...http, ...tcp])).toEqual(expected);
});

test('answers that come at the same time are not mixed up', async () => {
  const letters = [...'abcd'];
  const checks = letters.map(async (letter) => {
    const port = await serve(says(`HTTP/1.1 200 OK\r\n\r\n${letter.repeat(100_000)}`));
    const bodyMatch = `^${letter}{100000}$`;
    return { kind: 'http', target: `http://127.0.0.1:${port}/`, bodyMatch };
  });
  const once = await Promise.all(checks);
  const configs = Array.from({ length: 10 }, () => once).flat();
  expect(await codesOf(configs)).toEqual(configs.map(() => 'ok'));
});
