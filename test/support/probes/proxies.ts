// Proxies on loopback, as far as the tests need them.
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';

export interface ProxyServer {
  port: number;
  /** What it was asked for: "CONNECT 127.0.0.1:443", "GET http://…", "socks 127.0.0.1:80". */
  asked: string[];
  close: () => Promise<void>;
}

/** An HTTP proxy that wants these credentials (`name:password`), if any. */
export function httpProxy(credentials: string | null = null): Promise<ProxyServer> {
  const asked: string[] = [];
  const wanted =
    credentials === null ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.headers['proxy-authorization'] !== wanted) response.writeHead(407).end();
    else response.end('through the proxy');
  });
  server.on('connect', (request, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`);
    socket.on('error', () => {});
    if (request.headers['proxy-authorization'] !== wanted) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const [host, port] = String(request.url).split(':');
    join(socket, { host: String(host), port: Number(port) }, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    });
  });
  return started(server, asked);
}

/** A SOCKS5 proxy without credentials. With `refuses` it opens no way. */
export function socksProxy(refuses = false): Promise<ProxyServer> {
  const asked: string[] = [];
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(Buffer.from([5, 0]));
      socket.once('data', (request) => {
        const isName = request[3] === 3;
        const end = isName ? 5 + (request[4] as number) : 8;
        const host = isName
          ? request.toString('latin1', 5, end)
          : [...request.subarray(4, 8)].join('.');
        const port = request.readUInt16BE(end);
        asked.push(`socks ${host}:${port}`);
        const said = (code: number) => Buffer.from([5, code, 0, 1, 127, 0, 0, 1, 0, 0]);
        if (refuses) socket.end(said(2));
        else join(socket, { host, port }, () => socket.write(said(0)));
      });
    });
  });
  return started(server, asked);
}

function join(socket: Socket, to: { host: string; port: number }, opened: () => void): void {
  const onward = connect(to, () => {
    opened();
    socket.pipe(onward).pipe(socket);
  });
  onward.on('error', () => socket.destroy());
  socket.on('close', () => onward.destroy());
}

async function started(
  server: ReturnType<typeof createServer> | ReturnType<typeof createTcpServer>,
  asked: string[],
): Promise<ProxyServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const close = () =>
    new Promise<void>((done) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => done());
    });
  return { port: (server.address() as AddressInfo).port, asked, close };
}
