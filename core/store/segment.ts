// Results as they are appended to a minute row: one segment a flush, readable one after the other.
//
//   u8 version (1) · f64 base (epoch ms) · varint groups · groups
//   group: varint ms after the one before · varint results · results, by position
//   result: varint (position step × 2 + special) · u16 rtt (log16) · when special: u16 level (0 = unable) · u8 flags
//           · varint rev · u8 length + code
// A result that is plain (level 100, not blind, at the revision in force) takes 3 to 4 bytes.
import { OK } from '../level.ts';
import { fromLog16, toLog16 } from './log16.ts';

const VERSION = 1;
const BLIND = 1;
const OLD_REV = 2;

/** One result as history keeps it. */
export interface StoredResult {
  position: number;
  at: number;
  /** Null = unable. */
  level: number | null;
  rttUs: number | null;
  code: string;
  blind: boolean;
  /** Set when it was measured under another revision than the one in force at its arrival. */
  oldRev: number | null;
}

class Writer {
  #bytes = new Uint8Array(256);
  #length = 0;

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  u8(value: number): void {
    this.#room(1);
    this.#bytes[this.#length++] = value;
  }

  u16(value: number): void {
    this.u8(value >> 8);
    this.u8(value & 0xff);
  }

  f64(value: number): void {
    this.#room(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value);
    this.#length += 8;
  }

  varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.u8((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.u8(rest);
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value).subarray(0, 255);
    this.u8(bytes.length);
    for (const byte of bytes) this.u8(byte);
  }

  done(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Packs one flush. */
export function encodeSegment(results: readonly StoredResult[]): Uint8Array<ArrayBuffer> {
  const sorted = [...results].sort((a, b) => a.at - b.at || a.position - b.position);
  const groups: StoredResult[][] = [];
  for (const result of sorted) {
    const group = groups.at(-1);
    if (group?.[0]?.at === result.at) group.push(result);
    else groups.push([result]);
  }
  const out = new Writer();
  let at = sorted[0]?.at ?? 0;
  out.u8(VERSION);
  out.f64(at);
  out.varint(groups.length);
  for (const group of groups) {
    const groupAt = (group[0] as StoredResult).at;
    out.varint(groupAt - at);
    out.varint(group.length);
    at = groupAt;
    let position = 0;
    for (const result of group) {
      writeResult(out, result, result.position - position);
      position = result.position;
    }
  }
  return out.done();
}

function writeResult(out: Writer, result: StoredResult, stepped: number): void {
  const { level, blind, oldRev, code } = result;
  const special = level !== OK || blind || oldRev !== null || code !== 'ok';
  out.varint(stepped * 2 + (special ? 1 : 0));
  out.u16(toLog16(result.rttUs));
  if (!special) return;
  out.u16(level ?? 0);
  out.u8((blind ? BLIND : 0) | (oldRev !== null ? OLD_REV : 0));
  out.varint(oldRev ?? 0);
  out.text(code);
}

class Reader {
  readonly #data: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#offset >= this.#data.byteLength;
  }

  u8(): number {
    return this.#data.getUint8(this.#offset++);
  }

  u16(): number {
    this.#offset += 2;
    return this.#data.getUint16(this.#offset - 2);
  }

  f64(): number {
    this.#offset += 8;
    return this.#data.getFloat64(this.#offset - 8);
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  text(): string {
    const length = this.u8();
    const start = this.#data.byteOffset + this.#offset;
    this.#offset += length;
    if (this.#offset > this.#data.byteLength) throw new RangeError('segment: cut short');
    return new TextDecoder().decode(new Uint8Array(this.#data.buffer, start, length));
  }
}

/** Reads all segments of a row. Throws RangeError on bytes that are cut short, Error on an unknown version. */
export function decodeSegments(bytes: Uint8Array): StoredResult[] {
  const input = new Reader(bytes);
  const results: StoredResult[] = [];
  while (!input.atEnd) {
    if (input.u8() !== VERSION) throw new Error('segment: unknown version');
    let at = input.f64();
    for (let groups = input.varint(); groups > 0; groups--) {
      at += input.varint();
      let position = 0;
      for (let count = input.varint(); count > 0; count--) {
        const head = input.varint();
        position += Math.floor(head / 2);
        results.push(readResult(input, position, at, head % 2 === 1));
      }
    }
  }
  return results;
}

function readResult(input: Reader, position: number, at: number, special: boolean): StoredResult {
  const rttUs = fromLog16(input.u16());
  if (!special) return { position, at, level: OK, rttUs, code: 'ok', blind: false, oldRev: null };
  const level = input.u16();
  const flags = input.u8();
  const rev = input.varint();
  return {
    position,
    at,
    level: level === 0 ? null : level,
    rttUs,
    code: input.text(),
    blind: (flags & BLIND) !== 0,
    oldRev: flags & OLD_REV ? rev : null,
  };
}
