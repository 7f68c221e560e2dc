// The way through a proxy: HTTP (CONNECT, or whole addresses for plain http) and SOCKS5.
import type { Socket } from 'node:net';
import { SocksClient } from 'socks';
import { type Deadline, microsSince } from '../deadline.ts';
import { codeOf, Failure, isExhausted, messageOf } from '../failure.ts';
import { dial } from '../net/dial.ts';
import { hostPort } from '../net/race.ts';
import { type FamilyChoice, resolve } from '../net/resolve.ts';
import { secure } from '../tls/secure.ts';
import { HeadReader } from './head.ts';
import { basic, endpointOf, type ForwardProxy } from './request.ts';

export interface Tunnel {
  socket: Socket;
  dnsUs?: number;
  /** To the proxy and through it. */
  connectUs: number;
  /** The request is to name the whole address; null = the socket leads to the target itself. */
  by: ForwardProxy | null;
}

interface Way {
  proxy: string;
  /** Where it is to lead. */
  target: { host: string; port: number; tls: boolean };
  family: FamilyChoice;
  deadline: Deadline;
}

/** Connects through the proxy; whatever goes wrong before the target is reached is the proxy's failure, by name. */
export async function tunnel(way: Way): Promise<Tunnel | Failure> {
  const url = new URL(way.proxy);
  const { host } = endpointOf(url);
  const port = url.port !== '' ? Number(url.port) : DEFAULT_PORTS[url.protocol];
  if (port === undefined) throw new Error(`"${url.protocol}" is no proxy`);
  const startedAt = performance.now();
  const resolved = await resolve(host, way.family, way.deadline);
  if (resolved instanceof Failure) return unreachable(resolved);
  const dialled = await dial(resolved.addresses, port, way.deadline);
  if (dialled instanceof Failure) return unreachable(dialled);
  let socket: Socket = dialled.socket;
  const peer = { address: dialled.address, name: hostPort(dialled.address, port), host };
  if (url.protocol === 'https:') {
    const secured = await secure(socket, peer, { verify: true }, way.deadline);
    if (secured instanceof Failure) return unreachable(secured);
    socket = secured.socket;
  }
  const through = await pass(socket, url, way);
  if (through instanceof Failure) {
    socket.on('error', () => {}).destroy();
    return through;
  }
  const { dnsUs } = resolved;
  const connectUs = Math.max(1, microsSince(startedAt) - (dnsUs ?? 0));
  return { socket, ...(dnsUs !== undefined && { dnsUs }), connectUs, by: through };
}

const DEFAULT_PORTS: Record<string, number | undefined> = {
  'http:': 80,
  'https:': 443,
  'socks5:': 1080,
};

async function pass(socket: Socket, url: URL, way: Way): Promise<ForwardProxy | null | Failure> {
  const [name, password] = [url.username, url.password].map(decodeURIComponent);
  if (url.protocol === 'socks5:') return socks(socket, { name, password }, way);
  const authorization = name ? basic(name, password) : null;
  if (!way.target.tls) return { authorization };
  return (await connect(socket, authorization, way)) ?? null;
}

async function socks(
  socket: Socket,
  { name, password }: { name: string | undefined; password: string | undefined },
  { target, deadline }: Way,
): Promise<Failure | null> {
  try {
    await SocksClient.createConnection({
      command: 'connect',
      // The library will have an address or a port even where the socket is there.
      proxy: {
        host: '127.0.0.1',
        port: 1080,
        type: 5,
        ...(name && { userId: name, password: password ?? '' }),
      },
      destination: { host: target.host, port: target.port },
      timeout: Math.max(1, Math.ceil(deadline.leftMs())),
      existing_socket: socket,
    });
    return null;
  } catch (error) {
    if (isExhausted(error)) throw error;
    if (deadline.leftMs() < 1 || /timed out/i.test(messageOf(error))) return silent(deadline);
    return new Failure('proxy.refused', `the SOCKS5 proxy: ${messageOf(error)}`);
  }
}

/** Null once the way is open. */
function connect(
  socket: Socket,
  authorization: string | null,
  { target, deadline }: Way,
): Promise<Failure | null> {
  return new Promise((done) => {
    const head = new HeadReader();
    const settle = (outcome: Failure | null) => {
      clearTimeout(expiry);
      socket.off('data', onData).off('error', onError).off('close', onClose);
      socket.pause();
      done(outcome);
    };
    const onData = (chunk: Buffer) => {
      const read = head.read(chunk);
      if (read === null) return;
      if (read instanceof Failure) {
        settle(new Failure('proxy.refused', `the proxy: ${read.text}`));
        return;
      }
      const { status } = read.head;
      const isOpen = status >= 200 && status < 300;
      settle(isOpen ? null : new Failure('proxy.refused', refusal(status, target)));
    };
    const onError = (error: Error) =>
      settle(new Failure('proxy.refused', `the proxy broke off: ${codeOf(error)}`));
    const onClose = () => settle(new Failure('proxy.refused', 'the proxy hung up'));
    const expiry = setTimeout(() => settle(silent(deadline)), deadline.leftMs());
    socket.on('data', onData).on('error', onError).on('close', onClose);
    const where = hostPort(target.host, target.port);
    const credentials = authorization ? `Proxy-Authorization: ${authorization}\r\n` : '';
    socket.write(`CONNECT ${where} HTTP/1.1\r\nHost: ${where}\r\n${credentials}\r\n`);
  });
}

function refusal(status: number, { host, port }: Way['target']): string {
  const why = status === 407 ? ' (it wants a name and password)' : '';
  return `the proxy answered ${status}${why} when asked for ${hostPort(host, port)}`;
}

function silent(deadline: Deadline): Failure {
  return new Failure('proxy.refused', `the proxy opened no way within ${deadline.timeoutMs} ms`);
}

function unreachable(failure: Failure): Failure {
  if (failure.code.startsWith('unable.')) return failure;
  return new Failure('proxy.unreachable', `the proxy: ${failure.text}`);
}
