const MAX_LINE_BYTES = 4096;
const MAX_TRAILER_BYTES = 64 * 1024;
const LF = 0x0a;

/** Takes a chunked body apart as it comes. */
export class ChunkDecoder {
  #expects: 'size' | 'data' | 'data end' | 'trailer' = 'size';
  #line = '';
  #left = 0;
  #trailerBytes = 0;

  read(chunk: Buffer, take: (data: Buffer) => void): 'more' | 'done' | 'broken' {
    let at = 0;
    while (at < chunk.length) {
      if (this.#expects === 'data') {
        const data = chunk.subarray(at, at + this.#left);
        take(data);
        at += data.length;
        this.#left -= data.length;
        if (this.#left === 0) this.#expects = 'data end';
        continue;
      }
      const lineEnd = chunk.indexOf(LF, at);
      const stop = lineEnd === -1 ? chunk.length : lineEnd;
      if (this.#line.length + stop - at > MAX_LINE_BYTES) return 'broken';
      this.#line += chunk.toString('latin1', at, stop);
      at = stop + 1;
      if (lineEnd === -1) return 'more';
      const line = this.#line.replace(/\r$/, '');
      this.#line = '';
      const state = this.#endOfLine(line);
      if (state !== 'more') return state;
    }
    return 'more';
  }

  #endOfLine(line: string): 'more' | 'done' | 'broken' {
    if (this.#expects === 'trailer') {
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > MAX_TRAILER_BYTES) return 'broken';
      return line === '' ? 'done' : 'more';
    }
    if (this.#expects === 'data end') {
      this.#expects = 'size';
      return line === '' ? 'more' : 'broken';
    }
    const size = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line)?.[1];
    if (size === undefined) return 'broken';
    this.#left = Number.parseInt(size, 16);
    this.#expects = this.#left === 0 ? 'trailer' : 'data';
    return 'more';
  }
}
