// Something to look at: a web server on this machine that answers as told and remembers who asked.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Target {
  origin: string;
  port: number;
  /** "GET /path", in the order they came. */
  asked: string[];
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  stop: () => Promise<void>;
  /** In the same place, after a stop. */
  restart: () => Promise<void>;
}

/** Listens on loopback; answers 200 "fine" until told otherwise. */
export async function startTarget(host = '127.0.0.1', port = 0): Promise<Target> {
  const server = createServer((request, response) => {
    target.asked.push(`${request.method} ${request.url}`);
    target.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const bound = (server.address() as AddressInfo).port;
  const target: Target = {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    asked: [],
    answer: (_, response) => response.end('fine'),
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
    restart: () => new Promise<void>((resolve) => server.listen(bound, host, resolve)),
  };
  return target;
}
