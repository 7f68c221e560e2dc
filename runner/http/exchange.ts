import type { Socket } from 'node:net';
import { type Deadline, microsSince } from '../deadline.ts';
import { Failure, socketFailure } from '../failure.ts';
import { type BodyLimits, BodyReader, framingOf } from './body.ts';
import { HeadReader, type ResponseHead } from './head.ts';

export interface Answer {
  head: ResponseHead;
  /** From the request to the first byte of its answer. */
  firstByteUs: number;
  bodyBytes: number;
  /** The beginning of the body, as much as was asked for. */
  body: Buffer;
}

interface Terms {
  method: string;
  limits: BodyLimits;
  /** True when the head is all that is needed. */
  skipsBody: (head: ResponseHead) => boolean;
  deadline: Deadline;
  peer: { address: string; name: string };
}

/** Sends one request over a connected socket and reads one answer; the socket is of no use afterwards. */
export function exchange(socket: Socket, bytes: Buffer, terms: Terms): Promise<Answer | Failure> {
  return new Promise((resolve) => {
    const { deadline, peer } = terms;
    const startedAt = performance.now();
    const headReader = new HeadReader();
    let firstByteUs = 0;
    let head: ResponseHead | null = null;
    let body: BodyReader | null = null;

    const settle = (outcome: Answer | Failure) => {
      clearTimeout(expiry);
      socket.destroy();
      resolve(outcome);
    };
    const finish = (head: ResponseHead) => {
      const kept = body?.kept() ?? Buffer.alloc(0);
      settle({ head, firstByteUs, bodyBytes: body?.bytes ?? 0, body: kept });
    };
    const progress = () =>
      body ? body.progress() : headReader.begun ? 'part of a header' : 'nothing';

    const expiry = setTimeout(() => {
      const text = `${progress()} came from ${peer.name} within ${deadline.timeoutMs} ms`;
      settle(new Failure('timeout', text));
    }, deadline.leftMs());

    const readHead = (chunk: Buffer) => {
      if (firstByteUs === 0) firstByteUs = microsSince(startedAt);
      const read = headReader.read(chunk);
      if (read === null || read instanceof Failure) return read;
      head = read.head;
      const framing = terms.skipsBody(head) ? null : framingOf(terms.method, head);
      if (framing === null || framing instanceof Failure) return framing ?? true;
      body = new BodyReader(framing, terms.limits);
      return body.read(read.rest);
    };

    socket.on('data', (chunk: Buffer) => {
      const complete = body ? body.read(chunk) : readHead(chunk);
      if (complete instanceof Failure) settle(complete);
      else if (complete && head) finish(head);
    });
    socket.once('end', () => {
      if (head && body?.endsWithConnection()) finish(head);
      else settle(closedEarly(progress(), peer.name));
    });
    socket.once('close', () => settle(closedEarly(progress(), peer.name)));
    socket.on('error', (error) => settle(socketFailure(error, peer, microsSince(startedAt))));
    socket.write(bytes);
  });
}

function closedEarly(progress: string, peer: string): Failure {
  return new Failure('closed_early', `${peer} closed the connection after ${progress}`);
}
