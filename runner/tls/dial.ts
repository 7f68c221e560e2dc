// TLS straight to an address: one socket does both, where a TLS socket over another costs two.
import type { TLSSocket } from 'node:tls';
import type { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { type Ear, opening, reading } from '../net/dial.ts';
import { askKernel } from '../net/handshake.ts';
import { hostPort, race } from '../net/race.ts';
import type { Address } from '../net/resolve.ts';
import { beginTls, type Secured, shaken, type TlsPeer, type TlsTerms } from './secure.ts';

export interface SecurelyDialled extends Secured {
  peer: TlsPeer;
  connectUs: number;
}

interface Begun {
  socket: TLSSocket;
  startedAt: number;
}

/** Where to, by what name, and how. */
export interface SecureCall {
  addresses: readonly Address[];
  port: number;
  /** As asked for; the certificate must name it. */
  host: string;
  terms: TlsTerms;
  /** What hears the answer; absent = whoever listens to the socket. */
  ear?: Ear | undefined;
}

/** Connects to the first address that accepts, and shakes hands there; `connected` hears in between how long it took. */
export async function dialSecurely(
  { addresses, port, host, terms, ear }: SecureCall,
  deadline: Deadline,
  connected: (us: number) => void = () => {},
): Promise<SecurelyDialled | Failure> {
  askKernel();
  const begun = await race<Begun>(addresses, port, deadline, ({ address }, at, hears) => {
    const socket = beginTls({ host: address, port: at, ...reading(ear) }, host, terms);
    return opening(socket, hears, () => {
      // What is sent first is sent before this comes back to us.
      socket.setNoDelay(true);
      return { socket, startedAt: performance.now() };
    });
  });
  if (begun instanceof Failure) return begun;
  const { address, connectUs } = begun;
  connected(connectUs);
  const { socket, startedAt } = begun.socket;
  const peer = { address, name: hostPort(address, port), host };
  const secured = await shaken(socket, startedAt, peer, terms, deadline);
  return secured instanceof Failure ? secured : { ...secured, peer, connectUs };
}
