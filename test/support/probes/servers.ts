// Loopback servers that behave as told, closed with all their connections.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { fileURLToPath } from 'node:url';

export interface Listening {
  port: number;
  /** What was received on each connection so far. */
  received: string[];
  close: () => Promise<void>;
}

export type Behaviour = (socket: Socket, request: string, connection: number) => void;

const CERTS = fileURLToPath(new URL('../certs', import.meta.url));

export const AUTHORITY = `${CERTS}/authority.crt`;

/** Calls the behaviour once per connection, when a whole request head has come (or at once with `atOnce`). */
export function rawServer(
  behave: Behaviour,
  { host = '127.0.0.1', atOnce = false } = {},
): Promise<Listening> {
  return listen(createServer(), behave, host, atOnce, 'connection');
}

/** The same behind TLS with one of the certificates in test/support/certs. */
export function tlsServer(certificate: string, behave: Behaviour): Promise<Listening> {
  const key = readFileSync(`${CERTS}/${certificate}.key`);
  const cert = readFileSync(`${CERTS}/${certificate}.crt`);
  const server = createTlsServer({ key, cert });
  server.on('tlsClientError', () => {});
  return listen(server, behave, '127.0.0.1', false, 'secureConnection');
}

/** Answers every request with these bytes and closes. */
export function says(bytes: string): Behaviour {
  return (socket) => socket.end(bytes);
}

async function listen(
  server: Server,
  behave: Behaviour,
  host: string,
  atOnce: boolean,
  event: 'connection' | 'secureConnection',
): Promise<Listening> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  server.on(event, (socket: Socket) => {
    const connection = received.push('') - 1;
    let behaved = false;
    const begin = () => {
      behaved = true;
      behave(socket, received[connection] ?? '', connection);
    };
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received[connection] += chunk.toString('latin1');
      if (!behaved && isWhole(received[connection] ?? '')) begin();
    });
    if (atOnce) begin();
  });
  await new Promise<void>((done) => server.listen(0, host, done));
  const close = () =>
    new Promise<void>((done) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => done());
    });
  return { port: (server.address() as AddressInfo).port, received, close };
}

function isWhole(request: string): boolean {
  const [head = '', ...rest] = request.split('\r\n\r\n');
  if (rest.length === 0) return false;
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  return rest.join('\r\n\r\n').length >= Number(length ?? 0);
}

/** A free port of those that no connection goes out from by itself: other tests make thousands at a time. */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 30_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((done) => {
      server.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true));
    });
    await new Promise<void>((done) => server.close(() => done()));
    if (isFree) return port;
  }
}

/** A port where nothing listens: it was just given up. */
export async function closedPort(): Promise<number> {
  const server = await rawServer(() => {});
  await server.close();
  return server.port;
}

const STOPPED_LISTENER = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: process.argv[1], backlog: 1 }, () => console.log(server.address().port));
`;

/** A listener that is frozen and whose queue is full: the kernel drops further connection attempts. */
export async function fullListener(
  host = '127.0.0.1',
): Promise<{ port: number; close: () => void }> {
  const child = spawn(process.execPath, ['-e', STOPPED_LISTENER, host], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((done) =>
    child.stdout.once('data', (chunk) => done(Number(String(chunk)))),
  );
  child.kill('SIGSTOP');
  const fillers: Socket[] = [];
  let accepted = true;
  while (accepted) {
    const filler = connect({ host: '127.0.0.1', port });
    fillers.push(filler);
    accepted = await new Promise<boolean>((done) => {
      const refused = setTimeout(() => done(false), 300);
      filler
        .on('error', () => {})
        .once('connect', () => {
          clearTimeout(refused);
          done(true);
        });
    });
  }
  const close = () => {
    for (const filler of fillers) filler.destroy();
    child.kill('SIGKILL');
  };
  return { port, close };
}
