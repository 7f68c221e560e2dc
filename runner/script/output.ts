import type { Readable } from 'node:stream';

/** Keeps the beginning of what a program prints and reads the rest away, so that the program never blocks. */
export class Output {
  readonly #chunks: Buffer[] = [];
  #room: number;
  #read = 0;
  /** Something was read away. */
  cut = false;

  /** `flooded` is called once when more than `mostBytes` came: nobody reads that much away for nothing. */
  constructor(
    stream: Readable,
    limits: { keepBytes: number; mostBytes: number; flooded: () => void },
  ) {
    this.#room = limits.keepBytes;
    stream.on('data', (chunk: Buffer) => {
      const before = this.#read;
      this.#read += chunk.length;
      this.#take(chunk);
      if (before <= limits.mostBytes && this.#read > limits.mostBytes) limits.flooded();
    });
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
