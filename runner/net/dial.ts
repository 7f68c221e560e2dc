import { readFileSync } from 'node:fs';
import { connect, type Socket, type SocketConstructorOpts } from 'node:net';
import { type Deadline, microsSince } from '../deadline.ts';
import { Failure, socketFailure } from '../failure.ts';
import { refusalOf, seenHere } from '../guard/probing.ts';
import { askKernel, handshakeUs } from './handshake.ts';
import type { Address } from './resolve.ts';

/** The next address is tried when the one before failed, or did not answer for this long (RFC 8305). */
const STAGGER_MS = 250;
/** More than this no runner needs, whatever its system allows. */
const MAX_DESCRIPTORS = 20_000;

const NOT_TRIED = new Set<string>(['unable.family', 'unable.forbidden']);

export interface Dialled {
  socket: Socket;
  address: string;
  /** Of the attempt that succeeded, not of those before it. */
  connectUs: number;
}

/** Attempts whose answer is waited for, the oldest first. */
const pending = new Set<Socket>();

/** So that targets which swallow packets leave descriptors for all others: the oldest attempt gives way to the newest. */
function makeRoom(): void {
  if (pending.size < maxPending()) return;
  const [oldest] = pending;
  if (!oldest) return;
  pending.delete(oldest);
  oldest.destroy(Object.assign(new Error('gave way'), { code: 'ETIMEDOUT' }));
}

let most: number | undefined;

/** Half of what this process may have open; the rest is for connections that answered, files and pipes. */
function maxPending(): number {
  most ??= Math.max(16, Math.floor(descriptorLimit() / 2));
  return most;
}

function descriptorLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const [, limit] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
    return Math.min(MAX_DESCRIPTORS, Number(limit ?? MAX_DESCRIPTORS));
  } catch {
    return MAX_DESCRIPTORS;
  }
}

interface Attempt {
  socket: Socket;
  address: string;
}

/** Given to a socket when it is made, it hears what comes in place of the socket's 'data'. */
export interface Ear {
  hear: (chunk: Buffer) => void;
}

/**
 * All sockets with an ear read into the same memory: what is heard is gone when `hear` comes back. A buffer of its own
 * for each reading, as sockets have by default, costs a runner more than all else it keeps of an answer.
 */
const heard = Buffer.allocUnsafeSlow(64 * 1024);

/** Where the system is handed the memory before anything comes, it cannot be shared. */
const CAN_SHARE = process.platform !== 'win32';

function reading(ear: Ear | undefined): Pick<SocketConstructorOpts, 'onread'> {
  if (!ear) return {};
  const buffer = CAN_SHARE ? heard : () => Buffer.allocUnsafeSlow(heard.length);
  const callback = (bytes: number, into: Uint8Array) => {
    ear.hear(Buffer.from(into.buffer, into.byteOffset, bytes));
    return true;
  };
  return { onread: { buffer, callback } };
}

/** Connects to the first address that accepts, each in turn within the deadline. The socket has no listeners yet. */
export function dial(
  addresses: readonly Address[],
  port: number,
  deadline: Deadline,
  ear?: Ear,
): Promise<Dialled | Failure> {
  askKernel();
  return new Promise((resolve) => {
    const failures: Failure[] = [];
    const attempts: Attempt[] = [];
    let next = 0;
    let stagger: NodeJS.Timeout | undefined;
    const seen = seenHere();

    const settle = (outcome: Dialled | Failure) => {
      clearTimeout(stagger);
      clearTimeout(expiry);
      for (const { socket } of attempts) {
        pending.delete(socket);
        socket.on('error', () => {});
        socket.destroy();
      }
      resolve(outcome);
    };
    const expiry = setTimeout(() => {
      for (const { address } of attempts) failures.push(silent(address, port, deadline));
      settle(summary(failures));
    }, deadline.leftMs());

    const fail = (failure: Failure) => {
      failures.push(failure);
      if (next < addresses.length) attempt();
      else if (attempts.length === 0) settle(summary(failures));
    };
    const attempt = () => {
      clearTimeout(stagger);
      const target = addresses[next++];
      if (!target) return;
      const refused = refusalOf(target.address);
      if (refused) return fail(refused);
      if (next < addresses.length) stagger = setTimeout(attempt, STAGGER_MS);
      const { address } = target;
      const startedAt = performance.now();
      makeRoom();
      const socket = connect({ host: address, port, noDelay: true, ...reading(ear) });
      const tried = { socket, address };
      attempts.push(tried);
      pending.add(socket);
      const over = () => {
        attempts.splice(attempts.indexOf(tried), 1);
        pending.delete(socket);
      };
      const onError = (error: Error) => {
        over();
        const peer = { address, name: hostPort(address, port) };
        fail(socketFailure(error, peer, microsSince(startedAt)));
      };
      socket.once('error', onError);
      socket.once('connect', () => {
        const mostUs = microsSince(startedAt);
        const connectUs = Math.min(mostUs, handshakeUs(socket) ?? mostUs);
        over();
        socket.off('error', onError);
        if (seen) seen.peer = address;
        settle({ socket, address, connectUs });
      });
    };
    attempt();
  });
}

/** "127.0.0.1:80", "[::1]:80". */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function silent(address: string, port: number, deadline: Deadline): Failure {
  const text = `no answer from ${hostPort(address, port)} within ${deadline.timeoutMs} ms`;
  return new Failure('connect.timeout', text);
}

/** One failure for all addresses: those the runner could try speak before those it could not. */
function summary(failures: readonly Failure[]): Failure {
  const tried = failures.filter(({ code }) => !NOT_TRIED.has(code));
  const [first, ...others] = tried.length > 0 ? tried : failures;
  if (!first) return new Failure('connect.failed', 'no address to connect to');
  const short = failures.find(({ code }) => code === 'unable.resources');
  if (short) return short;
  return new Failure(first.code, [first, ...others].map(({ text }) => text).join('; '));
}
