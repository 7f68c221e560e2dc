import { EVIDENCE_BODY_BYTES } from '#core/wire/evidence.ts';
import type { Deadline } from '../deadline.ts';
import { keepsBody } from '../evidence/seen.ts';
import { codeOf, Failure, socketFailure } from '../failure.ts';
import { seenHere } from '../guard/probing.ts';
import type { Line } from '../net/line.ts';
import { type BodyLimits, BodyReader, framingOf } from './body.ts';
import { HeadReader, type ResponseHead } from './head.ts';

export interface Answer {
  head: ResponseHead;
  /** From the request to the first byte of its answer. */
  firstByteUs: number;
  /** To the last. */
  lastByteUs: number;
  bodyBytes: number;
  /** The beginning of the body, as much as was asked for. */
  body: Buffer;
}

export interface ExchangeTerms {
  method: string;
  limits: BodyLimits;
  /** True when the head is all that is needed. */
  skipsBody: (head: ResponseHead) => boolean;
  deadline: Deadline;
  peer: { address: string; name: string };
}

/** Sends one request over a line and reads one answer; the line is of no use afterwards. */
export function exchange(
  line: Line,
  bytes: Buffer,
  terms: ExchangeTerms,
): Promise<Answer | Failure> {
  return new Promise((resolve) => {
    const { deadline, peer } = terms;
    const seen = seenHere();
    const headReader = new HeadReader();
    let firstByteUs = 0;
    let lastByteUs = 0;
    let settled = false;
    let head: ResponseHead | null = null;
    let body: BodyReader | null = null;

    const settle = (outcome: Answer | Failure) => {
      if (settled) return;
      settled = true;
      clearTimeout(expiry);
      line.hangUp();
      if (seen && head) seen.answer = { version: 'HTTP/1.1', head, body };
      resolve(outcome);
    };
    const finish = (head: ResponseHead) => {
      const kept = body?.kept() ?? Buffer.alloc(0);
      settle({ head, firstByteUs, lastByteUs, bodyBytes: body?.bytes ?? 0, body: kept });
    };
    const progress = () =>
      body ? body.progress() : headReader.begun ? 'part of a header' : 'nothing';

    const expiry = setTimeout(() => {
      line.look();
      const text = `${progress()} came from ${peer.name} within ${deadline.timeoutMs} ms`;
      settle(new Failure('timeout', text));
    }, deadline.leftMs());

    const readHead = (chunk: Buffer) => {
      const read = headReader.read(chunk);
      if (read === null || read instanceof Failure) return read;
      head = read.head;
      const framing = terms.skipsBody(head) ? null : framingOf(terms.method, head);
      if (framing === null || framing instanceof Failure) return framing ?? true;
      body = new BodyReader(framing, limitsFor(head, terms.limits, keepsBody(seen, head)));
      return body.read(read.rest);
    };

    const data = (chunk: Buffer, afterUs: number) => {
      if (settled) return;
      if (firstByteUs === 0) firstByteUs = afterUs;
      lastByteUs = afterUs;
      const complete = body ? body.read(chunk) : readHead(chunk);
      if (complete instanceof Failure) settle(complete);
      else if (complete && head) finish(head);
    };
    const closed = () => settle(closedEarly(progress(), peer.name));
    const ended = () => {
      if (head && body?.endsWithConnection()) finish(head);
      else closed();
    };
    const failed = (error: Error, afterUs: number) => settle(brokenOff(error, peer, afterUs));
    line.say(bytes, { data, ended, closed, failed });
  });
}

/** What is packed can only be unpacked whole. `forEvidence`: its beginning is kept in any case. */
export function limitsFor(
  { headers }: ResponseHead,
  limits: BodyLimits,
  forEvidence: boolean,
): BodyLimits {
  const packed = limits.keepBytes > 0 && headers.has('content-encoding');
  if (packed) return { ...limits, keepBytes: limits.maxBytes };
  if (!forEvidence || limits.keepBytes >= EVIDENCE_BODY_BYTES) return limits;
  return { ...limits, keepBytes: EVIDENCE_BODY_BYTES };
}

/** With TLS 1.3 a server says only now what it thinks of the certificate it was shown. */
function brokenOff(error: Error, peer: ExchangeTerms['peer'], afterUs: number): Failure {
  const code = codeOf(error);
  if (!code.startsWith('ERR_SSL_')) return socketFailure(error, peer, afterUs);
  if (/ALERT_(CERTIFICATE|BAD_CERT|UNKNOWN_CA|UNSUPPORTED_CERT)/.test(code)) {
    const wants = code.includes('CERTIFICATE_REQUIRED')
      ? 'wants a client certificate'
      : 'does not accept the client certificate';
    return new Failure('tls.client_certificate', `${peer.name} ${wants}`);
  }
  const reason = (error as { reason?: unknown }).reason;
  return new Failure('tls.failed', `${peer.name}: ${String(reason ?? code)}`);
}

function closedEarly(progress: string, peer: string): Failure {
  return new Failure('closed_early', `${peer} closed the connection after ${progress}`);
}
