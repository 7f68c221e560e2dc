// The live view of admin pages on each runtime: a line where one can be held, a quick "ask by yourself" elsewhere.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ask, FakeRunner, result } from '#test/support/fakeRunner.ts';
import { RUNTIMES, type RunningServer, workerdWithBell } from '#test/support/servers.ts';
import { until } from '#test/support/until.ts';

const PATH = '/api/v1/live';
const BAD = { level: 500, rttUs: null, code: 'connect.refused', text: 'refused' };

function caller(server: RunningServer) {
  return async (method: string, path: string, body?: unknown, key = server.accessKey) => {
    const answer = await fetch(`${server.baseUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return JSON.parse((await answer.text()) || 'null');
  };
}

interface Line {
  status: number;
  type: string;
  /** Names of events, in the order they came. */
  heard: string[];
  ended: boolean;
  close: () => void;
}

async function open(server: RunningServer, key: string | null): Promise<Line> {
  const hangUp = new AbortController();
  const answer = await fetch(server.baseUrl + PATH, {
    signal: hangUp.signal,
    headers: { ...(key !== null && { authorization: `Bearer ${key}` }) },
  });
  const line: Line = {
    status: answer.status,
    type: answer.headers.get('content-type') ?? '',
    heard: [],
    ended: false,
    close: () => hangUp.abort(),
  };
  const listen = async () => {
    const decoder = new TextDecoder();
    for await (const bytes of answer.body ?? []) {
      for (const [, name = ''] of decoder.decode(bytes).matchAll(/^event: (\w+)$/gm)) {
        line.heard.push(name);
      }
    }
  };
  listen()
    .catch(() => undefined)
    .finally(() => {
      line.ended = true;
    });
  return line;
}

const changesIn = ({ heard }: Line) => heard.filter((name) => name === 'changed').length;

describe.each(['node', 'bun'] as const)('the live view on %s', (runtime) => {
  let server: RunningServer;
  let call: ReturnType<typeof caller>;
  let ask: Ask;
  beforeAll(async () => {
    server = await RUNTIMES[runtime]();
    call = caller(server);
    ask = (path, init) => fetch(`${server.baseUrl}${path}`, init);
  });
  afterAll(() => server?.stop());

  it('says so when a host goes down, and when somebody changes what is watched', async () => {
    const { code } = await call('POST', '/join-codes', { location: 'Home' });
    const runner = await FakeRunner.enrol(ask, { code, name: 'home' });
    const checks = [{ target: 'https://example.org/', failures: 1 }];
    const { host } = await call('POST', '/hosts', { name: 'shop', checks });
    const id = host.checks[0].id;
    await runner.post([result(id, Date.now() - 1000)]);
    const line = await open(server, server.accessKey);
    expect(line).toMatchObject({ status: 200, type: 'text/event-stream' });
    await until(
      () => line.heard,
      (heard) => heard[0] === 'hello',
    );
    const before = changesIn(line);
    await runner.post([result(id, Date.now(), BAD)]);
    await until(
      () => changesIn(line),
      (count) => count > before,
    );
    const seen = changesIn(line);
    await call('PATCH', `/hosts/${host.id}`, { name: 'store' });
    await until(
      () => changesIn(line),
      (count) => count > seen,
    );
    line.close();
  });

  it('is for who is signed in, and ends when that does', async () => {
    expect((await open(server, null)).status).toBe(401);
    const { id, token } = await call('POST', '/tokens', { name: 'wall', scope: 'read' });
    const line = await open(server, token);
    expect(line.status).toBe(200);
    await call('DELETE', `/tokens/${id}`);
    await until(
      () => line.ended,
      (ended) => ended,
    );
    expect((await open(server, token)).status).toBe(401);
  });

  it('holds so many lines and no more: who comes then asks by itself, until one is free', async () => {
    const lines: Line[] = [];
    for (let i = 0; i < 60; i++) lines.push(await open(server, server.accessKey));
    const held = lines.filter(({ status }) => status === 200);
    expect(held.length).toBeLessThanOrEqual(50);
    expect(lines.at(-1)?.status).toBe(204);
    for (const line of held) line.close();
    const again = await until(
      () => open(server, server.accessKey),
      ({ status }) => status === 200,
    );
    again.close();
  });
});

describe('the live view at the edge', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await RUNTIMES.workerd();
  });
  afterAll(() => server?.stop());

  it('holds nothing: the answer comes at once, and tells the browser to ask by itself', async () => {
    expect((await open(server, server.accessKey)).status).toBe(204);
    expect((await open(server, null)).status).toBe(204);
  });
});

describe('the live view at the edge with the durable object', () => {
  let server: RunningServer;
  const lines: Line[] = [];
  beforeAll(async () => {
    server = await workerdWithBell();
  });
  afterAll(async () => {
    for (const line of lines) line.close();
    await server?.stop();
  });

  it('holds lines as well, so many and no more, for who is signed in', async () => {
    const call = caller(server);
    expect((await open(server, null)).status).toBe(401);
    const line = await open(server, server.accessKey);
    lines.push(line);
    expect(line).toMatchObject({ status: 200, type: 'text/event-stream' });
    await until(
      () => line.heard,
      (heard) => heard[0] === 'hello',
    );
    await call('POST', '/hosts', { target: 'https://example.org/' });
    await until(
      () => changesIn(line),
      (count) => count > 0,
    );
    for (let i = 0; i < 21; i++) lines.push(await open(server, server.accessKey));
    expect(lines.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(20);
    expect(lines.at(-1)?.status).toBe(204);
  }, 60_000);
});
