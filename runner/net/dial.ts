// Connections that something is said over: Node's own sockets.
import { connect, type Socket, type SocketConstructorOpts } from 'node:net';
import type { Deadline } from '../deadline.ts';
import type { Failure } from '../failure.ts';
import { askKernel, handshakeUs } from './handshake.ts';
import { type Hears, type Opened, race } from './race.ts';
import type { Address } from './resolve.ts';

export type Dialled = Opened<Socket>;

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

/** What makes a socket be heard by an ear. */
export function reading(ear: Ear | undefined): Pick<SocketConstructorOpts, 'onread'> {
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
): Promise<Dialled | Failure> {
  askKernel();
  return race<Socket>(addresses, port, deadline, ({ address: host }, at, hears) => {
    const socket = connect({ host, port: at, noDelay: true });
    return opening(socket, hears, () => socket);
  });
}

/** Tells of a socket that is being connected, and what it `became`; the function given back breaks that off. */
export function opening<S>(socket: Socket, hears: Hears<S>, became: () => S): () => void {
  const onError = (error: Error) => hears.failed(error);
  // Before those that Node itself has, which may take their time.
  socket.prependOnceListener('error', onError);
  socket.prependOnceListener('connect', () => {
    socket.off('error', onError);
    hears.connected(became(), handshakeUs(socket));
  });
  return () => {
    socket.off('error', onError);
    socket.on('error', () => {}).destroy();
  };
}
