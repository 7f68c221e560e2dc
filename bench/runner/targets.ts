// A process of its own: whatever is probed over TCP, on addresses of this machine only. Its CPU is nobody's check.
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { ADDRESSES, addressOf, type Kind } from './plan.ts';

export type Order = { open: Kind } | { mark: number } | { count: number };
/** `ownUs`: by path, from accepting to having answered. */
export type Told = { port: number; connections: number; ownUs: Record<string, number> };

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok';
const file = (name: string) =>
  readFileSync(new URL(`../../test/support/certs/${name}`, import.meta.url));

interface Place {
  connections: number;
  ownUs: Record<string, number>;
}
const places = new Map<number, Place>();

function serve(kind: Kind, place: Place): Server {
  const accept = (socket: Socket) => {
    place.connections++;
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    return performance.now();
  };
  const answer = (socket: Socket, acceptedMs: number) => {
    socket.once('data', (head) => {
      socket.end(ANSWER);
      const path = String(head).split(' ', 2)[1] ?? '';
      place.ownUs[path] = (performance.now() - acceptedMs) * 1000;
    });
  };
  if (kind === 'https') {
    const keys = { cert: file('good.crt'), key: file('good.key') };
    const accepted = new WeakMap<Socket, number>();
    const server = createTlsServer({ ...keys, ecdhCurve: 'X25519:P-256' }, (socket) => {
      socket.on('error', () => {});
      answer(socket, performance.now());
    });
    return server.on('connection', (socket: Socket) => accepted.set(socket, accept(socket)));
  }
  return createServer((socket) => {
    const acceptedMs = accept(socket);
    if (kind === 'http') answer(socket, acceptedMs);
    else socket.resume();
  });
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1024 }, () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });
}

async function open(kind: Kind): Promise<number> {
  const place: Place = { connections: 0, ownUs: {} };
  let port = 0;
  for (let index = 0; index < ADDRESSES; index++) {
    port = await listen(serve(kind, place), addressOf(kind, index), port);
  }
  places.set(port, place);
  return port;
}

process.on('message', async (order: Order) => {
  const port =
    'open' in order ? await open(order.open) : 'mark' in order ? order.mark : order.count;
  const place = places.get(port);
  if ('mark' in order && place) Object.assign(place, { connections: 0, ownUs: {} });
  const { connections = 0, ownUs = {} } = place ?? {};
  process.send?.({ port, connections, ownUs } satisfies Told);
});

// Nobody is left to ask.
process.on('disconnect', () => process.exit());
