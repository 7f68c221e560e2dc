// A balancer as people put before several workers: each call to the next one in turn, and past one that does not listen.
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RoundRobin {
  url: string;
  /** Addresses to hand calls to, to be changed at will. */
  targets: string[];
  /** Calls handed on so far. */
  calls: () => number;
  close: () => Promise<void>;
}

/** Listens on a port of its own. A call that broke off half way is a 502: who made it must know what to do. */
export async function startRoundRobin(targets: string[] = []): Promise<RoundRobin> {
  const agent = new Agent({ keepAlive: true });
  let turn = 0;
  let calls = 0;
  const balancer: RoundRobin = {
    url: '',
    targets,
    calls: () => calls,
    close: () => {
      agent.destroy();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };

  function hand(call: IncomingMessage, body: Buffer, answer: ServerResponse, tries: number): void {
    const { method = 'GET', url = '/', headers } = call;
    const target = balancer.targets[turn++ % Math.max(1, balancer.targets.length)];
    if (target === undefined || tries === 0) {
      answer.writeHead(503).end();
      return;
    }
    const { hostname, port } = new URL(target);
    const onward = request({ hostname, port, method, path: url, headers, agent }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
      reply.once('error', () => answer.destroy());
    });
    onward.once('error', (error: NodeJS.ErrnoException) => {
      if (answer.headersSent) answer.destroy();
      else if (error.code === 'ECONNREFUSED') hand(call, body, answer, tries - 1);
      else answer.writeHead(502).end();
    });
    onward.end(body);
  }

  const server = createServer(async (call, answer) => {
    calls += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of call) chunks.push(chunk as Buffer);
    hand(call, Buffer.concat(chunks), answer, balancer.targets.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  balancer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return balancer;
}
