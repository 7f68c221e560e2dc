import { Failure } from '../failure.ts';

export const MAX_HEAD_BYTES = 64 * 1024;

export interface ResponseHead {
  status: number;
  /** By lower-case name; repeated fields are joined with ", ", cookies with a line break. */
  headers: ReadonlyMap<string, string>;
}

/** Gathers the head of a response from the chunks it comes in; interim (1xx) answers are passed over. */
export class HeadReader {
  #pending: Buffer | null = null;
  #length = 0;
  #interimBytes = 0;

  /** The head with the bytes after it, or null while it is incomplete. */
  read(chunk: Buffer): { head: ResponseHead; rest: Buffer } | Failure | null {
    let bytes = this.#join(chunk);
    for (;;) {
      const end = endOfHead(bytes);
      const size = this.#interimBytes + (end === -1 ? bytes.length : end);
      if (size > MAX_HEAD_BYTES) {
        return new Failure('http.headers_too_large', 'the response header is larger than 64 KiB');
      }
      if (end === -1) {
        if (!looksLikeHttp(bytes)) return notHttp(bytes);
        this.#keep(bytes);
        return null;
      }
      const head = parseHead(bytes.toString('latin1', 0, end));
      if (head instanceof Failure) return head;
      const rest = bytes.subarray(end);
      if (head.status >= 200 || head.status === 101) return { head, rest };
      this.#interimBytes += end;
      bytes = rest;
    }
  }

  /** True once any byte of an answer came. */
  get begun(): boolean {
    return this.#length > 0 || this.#interimBytes > 0;
  }

  #join(chunk: Buffer): Buffer {
    if (!this.#pending || this.#length === 0) return chunk;
    const room = this.#pending.length - this.#length;
    const taken = chunk.copy(this.#pending, this.#length, 0, Math.min(room, chunk.length));
    const joined = this.#pending.subarray(0, this.#length + taken);
    return taken === chunk.length ? joined : Buffer.concat([joined, chunk.subarray(taken)]);
  }

  #keep(bytes: Buffer): void {
    this.#pending ??= Buffer.allocUnsafe(MAX_HEAD_BYTES);
    if (bytes.buffer !== this.#pending.buffer) bytes.copy(this.#pending);
    else this.#pending.set(bytes);
    this.#length = bytes.length;
  }
}

/** Where the body begins; -1 while the empty line has not come. A bare LF is taken as a line end. */
function endOfHead(bytes: Buffer): number {
  const strict = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  const until = strict === -1 ? bytes.length : strict;
  const loose = bytes.subarray(0, until).indexOf('\n\n', 0, 'latin1');
  if (loose !== -1) return loose + 2;
  return strict === -1 ? -1 : strict + 4;
}

const STATUS_LINE = /^HTTP\/1\.[01] \d{3}(?: |\r?\n|$)/;
const STATUS = { from: 9, to: 12 };
const NAME = /^[^\s:]+$/;

/** Line by line, in one go over the text: every answer passes through here. */
function parseHead(text: string): ResponseHead | Failure {
  if (!STATUS_LINE.test(text)) return notHttp(Buffer.from(text, 'latin1'));
  const headers = new Map<string, string>();
  let name = '';
  for (let at = text.indexOf('\n') + 1; at > 0 && at < text.length; ) {
    const next = text.indexOf('\n', at) + 1 || text.length + 1;
    const end = text[next - 2] === '\r' ? next - 2 : next - 1;
    const start = at;
    at = next;
    if (end <= start) continue;
    const isFolded = text[start] === ' ' || text[start] === '\t';
    let valueAt = start;
    if (!isFolded) {
      const colon = text.indexOf(':', start);
      name = colon === -1 || colon >= end ? '' : text.slice(start, colon).toLowerCase();
      if (!NAME.test(name)) {
        const line = printable(text.slice(start, end));
        return new Failure('http.invalid', `a header line reads "${line}"`);
      }
      valueAt = colon + 1;
    }
    const value = text.slice(valueAt, end).trim();
    const before = headers.get(name);
    const join = isFolded ? ' ' : name === 'set-cookie' ? '\n' : ', ';
    headers.set(name, before === undefined ? value : `${before}${join}${value}`);
  }
  return { status: Number(text.slice(STATUS.from, STATUS.to)), headers };
}

function looksLikeHttp(bytes: Buffer): boolean {
  const start = bytes.toString('latin1', 0, 8);
  return 'HTTP/1.0'.startsWith(start) || 'HTTP/1.1'.startsWith(start);
}

function notHttp(bytes: Buffer): Failure {
  const line = bytes.toString('latin1', 0, 80).split(/\r?\n/)[0] ?? '';
  return new Failure('http.invalid', `the answer begins with "${printable(line)}"`);
}

/** The beginning of what a stranger sent, fit to be shown. */
export function printable(text: string): string {
  return text.slice(0, 60).replace(/[^\x20-\x7e]/g, '·');
}
