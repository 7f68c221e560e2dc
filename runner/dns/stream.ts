// DNS over a connection (RFC 7766), in the clear or within TLS: each message has its length before it.
import type { Socket } from 'node:net';
import { type Deadline, microsSince } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { type CutShort, type Peer, Talk } from '../net/talk.ts';
import { type Query, readReply } from './message.ts';
import { type Asked, unreadable } from './udp.ts';

/** Asks over a connected socket, which is closed then. */
export async function askByStream(
  socket: Socket,
  peer: Peer,
  query: Query,
  deadline: Deadline,
): Promise<Asked | Failure> {
  const startedAt = performance.now();
  const talk = new Talk(socket, peer, deadline);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(query.bytes.length);
  talk.send(Buffer.concat([length, query.bytes]));
  const heard = await talk.read(isWhole);
  const rttUs = microsSince(startedAt);
  talk.release();
  socket.on('error', () => {}).destroy();
  if (!Buffer.isBuffer(heard)) return cutShort(heard, peer, deadline);
  const reply = readReply(query, heard.subarray(2, 2 + heard.readUInt16BE(0)));
  return typeof reply === 'string' ? unreadable(peer.name, reply) : { reply, rttUs };
}

function isWhole(bytes: Buffer): boolean {
  return bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0);
}

function cutShort({ why, bytes }: CutShort, { name }: Peer, deadline: Deadline): Failure {
  if (why instanceof Failure) return why;
  if (bytes.length === 0 && why === 'late') {
    return new Failure('dns.no_answer', `no answer from ${name} within ${deadline.timeoutMs} ms`);
  }
  const promised = bytes.length >= 2 ? ` of ${bytes.readUInt16BE(0)}` : '';
  const came = `${Math.max(0, bytes.length - 2)}${promised} bytes of an answer`;
  return why === 'ended'
    ? new Failure('closed_early', `${name} closed the connection after ${came}`)
    : new Failure('timeout', `${came} came from ${name} within ${deadline.timeoutMs} ms`);
}
