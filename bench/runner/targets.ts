// A process of its own: whatever is probed over TCP, on addresses of this machine only. Its CPU is nobody's check.
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { startResolver } from '#test/support/probes/resolver.ts';
import { ADDRESSES, addressOf, addressOfName, type Kind, NAME_SERVER } from './plan.ts';

/** `mark` forgets what came before, `take` tells and forgets. */
export type Order =
  | { open: Kind }
  | { names: true }
  | { mark: number }
  | { count: number }
  | { take: number };
export interface Told {
  port: number;
  connections: number;
  /** Epoch ms, of every connection. */
  acceptedAt: number[];
  /** By path, from accepting to having answered. */
  ownUs: Record<string, number>;
}

const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok';
const file = (name: string) =>
  readFileSync(new URL(`../../test/support/certs/${name}`, import.meta.url));

type Place = Omit<Told, 'port'>;

const newPlace = (): Place => ({ connections: 0, acceptedAt: [], ownUs: {} });
const places = new Map<number, Place>();

function serve(kind: Kind, place: Place): Server {
  const accept = (socket: Socket) => {
    place.connections++;
    place.acceptedAt.push(performance.timeOrigin + performance.now());
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
  const place = newPlace();
  let port = 0;
  for (let index = 0; index < ADDRESSES; index++) {
    port = await listen(serve(kind, place), addressOf(kind, index), port);
  }
  places.set(port, place);
  return port;
}

function addressesOf(name: string): string[] | 'missing' {
  const address = addressOfName(name);
  return address === null ? 'missing' : [address];
}

async function portOf(order: Order): Promise<number> {
  if ('open' in order) return open(order.open);
  if ('names' in order) {
    await startResolver(addressesOf, { host: NAME_SERVER });
    return 0;
  }
  if ('mark' in order) return order.mark;
  return 'take' in order ? order.take : order.count;
}

process.on('message', async (order: Order) => {
  const port = await portOf(order);
  const place = places.get(port);
  if ('mark' in order && place) Object.assign(place, newPlace());
  process.send?.({ port, ...(place ?? newPlace()) } satisfies Told);
  if ('take' in order && place) Object.assign(place, newPlace());
});

// Nobody is left to ask.
process.on('disconnect', () => process.exit());
