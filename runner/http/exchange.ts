import { EVIDENCE_BODY_BYTES } from '#core/wire/evidence.ts';
import type { Deadline } from '../deadline.ts';
import { keepsBody, type Seen } from '../evidence/seen.ts';
import { codeOf, Failure, socketFailure } from '../failure.ts';
import { seenHere } from '../guard/probing.ts';
import type { Line, LineHears } from '../net/line.ts';
import { type BodyLimits, BodyReader, framingOf, NOTHING } from './body.ts';
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
    new Exchange(line, terms, resolve).begin(bytes);
  });
}

class Exchange implements LineHears {
  readonly #line: Line;
  readonly #terms: ExchangeTerms;
  readonly #resolve: (outcome: Answer | Failure) => void;
  readonly #seen: Seen | undefined = seenHere();
  readonly #headReader = new HeadReader();
  readonly #expiry: NodeJS.Timeout;
  #firstByteUs = 0;
  #lastByteUs = 0;
  #isSettled = false;
  #head: ResponseHead | null = null;
  #body: BodyReader | null = null;

  constructor(line: Line, terms: ExchangeTerms, resolve: (outcome: Answer | Failure) => void) {
    this.#line = line;
    this.#terms = terms;
    this.#resolve = resolve;
    this.#expiry = setTimeout(() => this.#expire(), terms.deadline.leftMs());
  }

  begin(bytes: Buffer): void {
    this.#line.say(bytes, this);
  }

  data(chunk: Buffer, afterUs: number): void {
    if (this.#isSettled) return;
    if (this.#firstByteUs === 0) this.#firstByteUs = afterUs;
    this.#lastByteUs = afterUs;
    const complete = this.#body ? this.#body.read(chunk) : this.#readHead(chunk);
    if (complete instanceof Failure) this.#settle(complete);
    else if (complete && this.#head) this.#finish(this.#head);
  }

  ended(): void {
    if (this.#head && this.#body?.endsWithConnection()) this.#finish(this.#head);
    else this.closed();
  }

  closed(): void {
    if (!this.#isSettled) this.#settle(closedEarly(this.#progress(), this.#terms.peer.name));
  }

  failed(error: Error, afterUs: number): void {
    if (!this.#isSettled) this.#settle(brokenOff(error, this.#terms.peer, afterUs));
  }

  #readHead(chunk: Buffer): boolean | Failure | null {
    const read = this.#headReader.read(chunk);
    if (read === null || read instanceof Failure) return read;
    const { head, rest } = read;
    this.#head = head;
    const { skipsBody, method, limits } = this.#terms;
    const framing = skipsBody(head) ? null : framingOf(method, head);
    if (framing === null || framing instanceof Failure) return framing ?? true;
    this.#body = new BodyReader(framing, limitsFor(head, limits, keepsBody(this.#seen, head)));
    return this.#body.read(rest);
  }

  #progress(): string {
    if (this.#body) return this.#body.progress();
    return this.#headReader.begun ? 'part of a header' : 'nothing';
  }

  #expire(): void {
    this.#line.look();
    if (this.#isSettled) return;
    const { peer, deadline } = this.#terms;
    const text = `${this.#progress()} came from ${peer.name} within ${deadline.timeoutMs} ms`;
    this.#settle(new Failure('timeout', text));
  }

  #finish(head: ResponseHead): void {
    const body = this.#body?.kept() ?? NOTHING;
    const bodyBytes = this.#body?.bytes ?? 0;
    const [firstByteUs, lastByteUs] = [this.#firstByteUs, this.#lastByteUs];
    this.#settle({ head, firstByteUs, lastByteUs, bodyBytes, body });
  }

  #settle(outcome: Answer | Failure): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    clearTimeout(this.#expiry);
    this.#line.hangUp();
    if (this.#seen && this.#head) {
      this.#seen.answer = { version: 'HTTP/1.1', head: this.#head, body: this.#body };
    }
    this.#resolve(outcome);
  }
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
