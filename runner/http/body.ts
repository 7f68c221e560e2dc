import { Failure } from '../failure.ts';
import { ChunkDecoder } from './chunked.ts';
import type { ResponseHead } from './head.ts';

export interface BodyLimits {
  /** A larger body is a failure. */
  maxBytes: number;
  /** How much of its beginning is kept for reading. */
  keepBytes: number;
}

type Framing =
  | { type: 'length'; bytes: number }
  | { type: 'chunked'; decoder: ChunkDecoder }
  | { type: 'close' };

export const NOTHING = Buffer.alloc(0);

/** Counts a body as its framing says, and keeps only as much of it as is asked for. */
export class BodyReader {
  bytes = 0;
  readonly #framing: Framing;
  readonly #limits: BodyLimits;
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;

  constructor(framing: Framing, limits: BodyLimits) {
    this.#framing = framing;
    this.#limits = limits;
  }

  /** True when the body is complete. */
  read(chunk: Buffer): boolean | Failure {
    if (this.#framing.type === 'chunked') {
      const state = this.#framing.decoder.read(chunk, (data) => this.#take(data));
      if (state === 'broken') return new Failure('http.invalid', 'the chunked body is malformed');
      return this.#overflow() ?? state === 'done';
    }
    if (this.#framing.type === 'close') {
      this.#take(chunk);
      return this.#overflow() ?? false;
    }
    this.#take(chunk.subarray(0, this.#framing.bytes - this.bytes));
    return this.#overflow() ?? this.bytes === this.#framing.bytes;
  }

  /** Whether the body may end where the connection does. */
  endsWithConnection(): boolean {
    return this.#framing.type === 'close';
  }

  /** What a reader of the reason may want to know: "10 of 100 bytes". */
  progress(): string {
    if (this.#framing.type !== 'length') return `${this.bytes} bytes of the body`;
    return `${this.bytes} of ${this.#framing.bytes} bytes of the body`;
  }

  kept(): Buffer {
    return this.#keptBytes === 0 ? NOTHING : Buffer.concat(this.#kept);
  }

  #take(data: Buffer): void {
    this.bytes += data.length;
    const room = this.#limits.keepBytes - this.#keptBytes;
    if (room <= 0) return;
    const part = data.subarray(0, room);
    // It has to outlive the memory it was read into.
    this.#kept.push(Buffer.from(part));
    this.#keptBytes += part.length;
  }

  #overflow(): Failure | null {
    const announced = this.#framing.type === 'length' ? this.#framing.bytes : this.bytes;
    if (announced <= this.#limits.maxBytes) return null;
    const size = this.#framing.type === 'length' ? `of ${announced} bytes` : 'goes on';
    return new Failure(
      'http.too_large',
      `the body ${size}; at most ${this.#limits.maxBytes} bytes are allowed`,
    );
  }
}

/** How the body of an answer is framed; null when it has none. */
export function framingOf(method: string, head: ResponseHead): Framing | Failure | null {
  const { status, headers } = head;
  if (method === 'HEAD' || status === 101 || status === 204 || status === 304) return null;
  const coding = headers.get('transfer-encoding')?.toLowerCase();
  if (coding !== undefined) {
    const last = coding.split(',').at(-1)?.trim();
    return last === 'chunked'
      ? { type: 'chunked', decoder: new ChunkDecoder() }
      : { type: 'close' };
  }
  const length = headers.get('content-length');
  if (length === undefined) return { type: 'close' };
  if (LENGTH.test(length)) return framedBy(Number(length));
  const lengths = new Set(length.split(',').map((part) => part.trim()));
  const [only = ''] = lengths;
  if (lengths.size !== 1 || !LENGTH.test(only)) {
    return new Failure('http.invalid', `Content-Length is "${length.slice(0, 40)}"`);
  }
  return framedBy(Number(only));
}

const LENGTH = /^\d{1,15}$/;

function framedBy(bytes: number): Framing | null {
  return bytes === 0 ? null : { type: 'length', bytes };
}
