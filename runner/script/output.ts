import type { Readable } from 'node:stream';

/** Keeps the beginning of what a program prints and reads the rest away, so that the program never blocks. */
export class Output {
  readonly #chunks: Buffer[] = [];
  #room: number;
  /** Something was read away. */
  cut = false;

  constructor(stream: Readable, maxBytes: number) {
    this.#room = maxBytes;
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('error', () => {});
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8').replaceAll('\0', '');
  }

  #take(chunk: Buffer): void {
    const part = chunk.subarray(0, this.#room);
    if (part.length < chunk.length) this.cut = true;
    if (part.length === 0) return;
    this.#chunks.push(part);
    this.#room -= part.length;
  }
}
