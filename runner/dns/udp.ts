import { createSocket, type Socket } from 'node:dgram';
import { type Deadline, microsSince } from '../deadline.ts';
import { exhausted, Failure, isExhausted, socketFailure } from '../failure.ts';
import { refusalOf } from '../guard/probing.ts';
import { hostPort } from '../net/race.ts';
import type { Address } from '../net/resolve.ts';
import { isReplyTo, type Query, type Reply, readReply } from './message.ts';

/** Datagrams get lost: asked again after this long, and each time twice as long. */
const FIRST_RETRY_MS = 1000;

/** An answer and how long it took. */
export interface Asked {
  reply: Reply;
  rttUs: number;
}

/**
 * Asks by datagram until something answers. Each question has a socket of its own, so that its port is a new one each
 * time, and a port where nobody listens is told by the system at once.
 */
export function askByUdp(
  { address, family }: Address,
  port: number,
  query: Query,
  deadline: Deadline,
): Promise<Asked | Failure> {
  const refused = refusalOf(address);
  if (refused) return Promise.resolve(refused);
  const peer = { address, name: hostPort(address, port) };
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let socket: Socket;
    let strangers = 0;
    let retry: NodeJS.Timeout | undefined;
    const settle = (outcome: Asked | Failure) => {
      clearTimeout(expiry);
      clearTimeout(retry);
      socket.removeAllListeners().on('error', () => {});
      socket.close();
      resolve(outcome);
    };
    const expiry = setTimeout(
      () => settle(silence(peer.name, strangers, deadline)),
      deadline.leftMs(),
    );
    try {
      socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    } catch (error) {
      clearTimeout(expiry);
      resolve(isExhausted(error) ? exhausted(error) : socketFailure(error, peer, 0));
      return;
    }
    socket.on('error', (error) => settle(socketFailure(error, peer, microsSince(startedAt))));
    socket.on('message', (bytes) => {
      if (!isReplyTo(query, bytes)) {
        strangers += 1;
        return;
      }
      const rttUs = microsSince(sentAt);
      const reply = readReply(query, bytes);
      settle(typeof reply === 'string' ? unreadable(peer.name, reply) : { reply, rttUs });
    });
    let sentAt = startedAt;
    const send = (patienceMs: number) => {
      retry = setTimeout(() => send(patienceMs * 2), patienceMs);
      socket.send(query.bytes);
    };
    socket.connect(port, address, () => {
      sentAt = performance.now();
      send(FIRST_RETRY_MS);
    });
  });
}

/** What answers, answers no DNS. */
export function unreadable(name: string, why: string): Failure {
  return new Failure('dns.invalid', `the answer of ${name} cannot be read: ${why}`);
}

function silence(name: string, strangers: number, deadline: Deadline): Failure {
  if (strangers > 0) {
    const what = strangers === 1 ? 'an answer' : `${strangers} answers`;
    return new Failure('dns.invalid', `${name} sent ${what} to other questions, none to ours`);
  }
  return new Failure('dns.no_answer', `no answer from ${name} within ${deadline.timeoutMs} ms`);
}
