// The worker's own looks on each runtime: its own fetch, its own sockets, real targets.
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startBareWorkerd } from '#test/support/bareWorkerd.ts';
import { RUNTIMES } from '#test/support/servers.ts';
import { startTarget, type Target } from '#test/support/targets.ts';
import { until } from '#test/support/until.ts';

interface Told {
  name: string;
  status: string;
  checks: Array<{
    status: string;
    reason: { code: string };
    locations: Array<{ location: string }>;
  }>;
}

interface Server {
  baseUrl: string;
  accessKey: string;
  tick: () => Promise<void>;
  stop: () => Promise<void>;
}

type Settings = Record<string, string>;

/** Node and Bun tick by themselves. */
async function ticksItself(starting: Promise<Server>): Promise<Server> {
  return { ...(await starting), tick: () => Promise.resolve() };
}

const SERVERS: Record<string, (settings: Settings) => Promise<Server>> = {
  node: (settings) => ticksItself(RUNTIMES.node(settings)),
  bun: (settings) => ticksItself(RUNTIMES.bun(settings)),
  workerd: startBareWorkerd,
};

describe.each(Object.entries(SERVERS))('on %s', (_, start) => {
  let server: Server;
  let target: Target;

  beforeAll(async () => {
    server = await start({ ANYUP_WORKER_NETWORKS: '127.0.0.1, 127.0.0.2' });
    target = await startTarget();
  }, 120_000);
  afterEach(() => {
    target.asked.length = 0;
  });
  afterAll(async () => {
    await server.stop();
    await target.stop();
  });

  async function call(method: string, path: string, body?: object) {
    const answer = await fetch(`${server.baseUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${server.accessKey}`,
        'content-type': 'application/json',
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as Record<string, unknown>;
  }

  const add = (name: string, target: string) =>
    call('POST', '/hosts', {
      name,
      checks: [{ target, locations: ['This worker'], retryAfter: '100ms', timeout: '5s' }],
    });

  /** Ticks where nobody else does, until each host is as wanted. */
  async function come(wanted: Record<string, string>) {
    return until(
      async () => {
        await server.tick();
        const { hosts } = (await call('GET', '/status')) as { hosts: Told[] };
        return hosts;
      },
      (hosts) => hosts.every(({ name, status }) => wanted[name] === status),
      60_000,
    );
  }

  it('looks at what is up and what is down, over HTTP and TCP, and goes where it may not for nobody', async () => {
    target.answer = ({ url }, response) => {
      if (url === '/moved') response.writeHead(302, { location: '/' }).end();
      else if (url === '/trap') response.writeHead(302, { location: 'http://127.0.0.9/' }).end();
      else if (url === '/broken') response.writeHead(500).end();
      else response.end('fine');
    };
    const listening = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const { port } = listening.address() as { port: number };
    const closed = await startTarget();
    await closed.stop();
    await call('PATCH', '/settings', { fromWorker: true, planWorker: 'workers_paid' });
    await add('page', `${target.origin}/`);
    await add('moved', `${target.origin}/moved`);
    await add('broken', `${target.origin}/broken`);
    await add('trap', `${target.origin}/trap`);
    await add('nobody', `http://127.0.0.1:${closed.port}/`);
    await add('open', `127.0.0.1:${port}`);
    await add('shut', `127.0.0.1:${closed.port}`);
    const hosts = await come({
      ...{ page: 'up', moved: 'up', broken: 'down', trap: 'unknown' },
      ...{ nobody: 'down', open: 'up', shut: 'down' },
    });
    const check = (wanted: string) => hosts.find(({ name }) => name === wanted)?.checks[0];
    expect(check('broken')?.reason.code).toBe('http.status');
    expect(check('nobody')?.reason.code).toMatch(/^connect\./);
    expect(check('shut')?.reason.code).toMatch(/^connect\./);
    expect(check('page')?.locations[0]?.location).toBe('This worker');
    listening.close();
  }, 120_000);
});
