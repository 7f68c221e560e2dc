// Reading and writing by turns over one socket: nothing is kept without bound, nothing outlasts the deadline.
import type { Socket } from 'node:net';
import { type Deadline, microsSince } from '../deadline.ts';
import { type Failure, socketFailure } from '../failure.ts';

/** No more than this is read while waiting for one thing: the longest DNS message with its length. */
export const MOST_BYTES = 2 + 0xffff;
/** A peer that drips is looked at this often and no oftener, once it has sent so many pieces. */
const DRIP = { pieces: 32, pauseMs: 20 };

export interface Peer {
  address: string;
  name: string;
}

/** What stopped a reading before it was complete, with what had come by then. */
export interface CutShort {
  why: 'late' | 'ended' | 'full' | Failure;
  bytes: Buffer;
}

export class Talk {
  readonly peer: Peer;
  readonly #socket: Socket;
  readonly #deadline: Deadline;
  readonly #startedAt = performance.now();
  #pieces: Buffer[] = [];
  #length = 0;
  #count = 0;
  #stopped: 'ended' | Failure | null = null;
  #wake: (() => void) | null = null;
  /** From the beginning to the first byte; 0 before it. */
  firstByteUs = 0;

  constructor(socket: Socket, peer: Peer, deadline: Deadline) {
    this.peer = peer;
    this.#socket = socket;
    this.#deadline = deadline;
    socket.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onEnd);
    socket.on('error', this.#onError);
  }

  send(bytes: Buffer | string): void {
    this.#socket.write(bytes);
  }

  /** Waits until `complete` is satisfied with all that came since the last reading; it then counts as read. */
  async read(complete: (bytes: Buffer) => boolean): Promise<Buffer | CutShort> {
    let seen = -1;
    for (;;) {
      const bytes = this.#all();
      if (bytes.length > seen && bytes.length > 0 && complete(bytes)) {
        this.#pieces = [];
        this.#length = 0;
        return bytes;
      }
      seen = bytes.length;
      if (bytes.length >= MOST_BYTES) return { why: 'full', bytes };
      if (this.#stopped) return { why: this.#stopped, bytes };
      if (this.#deadline.leftMs() <= 0) return { why: 'late', bytes };
      await this.#more(seen);
    }
  }

  /** Hands the socket on, as TLS within it needs. False when the peer has said more than it was its turn to. */
  release(): boolean {
    const { read, silent } = { read: this.#length, silent: this.#stopped === null };
    this.#socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onEnd);
    this.#socket.off('error', this.#onError);
    this.#socket.pause();
    return read === 0 && silent;
  }

  async #more(seen: number): Promise<void> {
    const patience = this.#deadline.leftMs();
    if (this.#count > DRIP.pieces) {
      await new Promise((done) => setTimeout(done, Math.min(DRIP.pauseMs, patience)));
    }
    if (this.#length > seen || this.#stopped) return;
    await new Promise<void>((done) => {
      const expiry = setTimeout(done, Math.ceil(this.#deadline.leftMs()));
      this.#wake = () => {
        clearTimeout(expiry);
        done();
      };
    });
    this.#wake = null;
  }

  #all(): Buffer {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0] ?? Buffer.alloc(0);
  }

  readonly #onData = (chunk: Buffer) => {
    if (this.firstByteUs === 0) this.firstByteUs = microsSince(this.#startedAt);
    this.#count += 1;
    this.#pieces.push(chunk.subarray(0, MOST_BYTES - this.#length));
    this.#length = Math.min(MOST_BYTES, this.#length + chunk.length);
    if (this.#length >= MOST_BYTES) this.#socket.pause();
    this.#wake?.();
  };

  readonly #onEnd = () => {
    this.#stopped ??= 'ended';
    this.#wake?.();
  };

  readonly #onError = (error: Error) => {
    this.#stopped ??= socketFailure(error, this.peer, microsSince(this.#startedAt));
    this.#wake?.();
  };
}

/** Bytes as people can read them, on one line, at most so long. */
export function printable(bytes: Buffer, most = 60): string {
  const text = bytes
    .subarray(0, most * 4)
    .toString('utf8')
    .trim();
  const shown = JSON.stringify(text.slice(0, most)).slice(1, -1).replaceAll('\\"', '"');
  return text.length > most ? `${shown}…` : shown;
}
