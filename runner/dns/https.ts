// DNS over HTTPS (RFC 8484): HTTP/2 where the server has it, else HTTP/1.1.
import { connect } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Deadline, microsSince } from '../deadline.ts';
import { Failure, messageOf } from '../failure.ts';
import { exchange } from '../http/exchange.ts';
import { lineOf } from '../net/line.ts';
import type { Peer } from '../net/talk.ts';
import { VERSION } from '../version.ts';
import { type Query, readReply } from './message.ts';
import { type Asked, unreadable } from './udp.ts';

const TYPE = 'application/dns-message';
const MOST_BYTES = 65_535;

interface Response {
  status: number;
  type: string;
  body: Buffer;
}

/** Asks over a connection within TLS, which is closed then. */
export async function askByHttps(
  socket: TLSSocket,
  peer: Peer,
  path: string,
  authority: string,
  query: Query,
  deadline: Deadline,
): Promise<Asked | Failure> {
  const startedAt = performance.now();
  const post = socket.alpnProtocol === 'h2' ? postByHttp2 : postByHttp1;
  const response = await post(socket, peer, path, authority, query.bytes, deadline);
  const rttUs = microsSince(startedAt);
  if (response instanceof Failure) return response;
  if (response.status !== 200) {
    return new Failure(
      'http.status',
      `${peer.name} answered HTTP ${response.status} to a DNS question`,
    );
  }
  if (!response.type.startsWith(TYPE)) {
    return unreadable(peer.name, `its type is "${response.type.slice(0, 40)}", not ${TYPE}`);
  }
  const reply = readReply(query, response.body);
  return typeof reply === 'string' ? unreadable(peer.name, reply) : { reply, rttUs };
}

async function postByHttp1(
  socket: Socket,
  peer: Peer,
  path: string,
  authority: string,
  body: Buffer,
  deadline: Deadline,
): Promise<Response | Failure> {
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${authority}`,
    `User-Agent: anyup/${VERSION}`,
    `Accept: ${TYPE}`,
    `Content-Type: ${TYPE}`,
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  const bytes = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
  const answer = await exchange(lineOf(socket), bytes, {
    method: 'POST',
    limits: { maxBytes: MOST_BYTES, keepBytes: MOST_BYTES },
    skipsBody: () => false,
    deadline,
    peer,
  });
  if (answer instanceof Failure) return answer;
  const type = answer.head.headers.get('content-type') ?? '';
  return { status: answer.head.status, type, body: answer.body };
}

function postByHttp2(
  socket: TLSSocket,
  peer: Peer,
  path: string,
  authority: string,
  body: Buffer,
  deadline: Deadline,
): Promise<Response | Failure> {
  return new Promise((resolve) => {
    const session = connect(`https://${authority}`, { createConnection: () => socket });
    const settle = (outcome: Response | Failure) => {
      clearTimeout(expiry);
      session.destroy();
      socket.destroy();
      resolve(outcome);
    };
    const fail = (error: unknown) =>
      settle(new Failure('http.invalid', `${peer.name}: ${messageOf(error)}`));
    const expiry = setTimeout(() => {
      const text = `no answer from ${peer.name} within ${deadline.timeoutMs} ms`;
      settle(new Failure('dns.no_answer', text));
    }, deadline.leftMs());
    session.on('error', fail);
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      accept: TYPE,
      'content-type': TYPE,
      'content-length': body.length,
      'user-agent': `anyup/${VERSION}`,
    });
    let head = { status: 0, type: '' };
    const pieces: Buffer[] = [];
    let length = 0;
    stream.on('response', (headers) => {
      head = { status: headers[':status'] ?? 0, type: headers['content-type'] ?? '' };
    });
    stream.on('data', (piece: Buffer) => {
      length += piece.length;
      if (length > MOST_BYTES) fail(new Error('more than 64 KiB came'));
      else pieces.push(piece);
    });
    stream.on('end', () => settle({ ...head, body: Buffer.concat(pieces) }));
    stream.on('error', fail);
    stream.on('close', () =>
      settle(new Failure('closed_early', `${peer.name} closed the connection without an answer`)),
    );
    stream.end(body);
  });
}
