// Streams of bits, most significant first. Numbers that are mostly small take few: Rice codes around zero, and
// lengths before values.

/** Longest unary part of a Rice code; beyond it the value follows in full. */
const ESCAPE = 20;
/** A writer's room up to this size is used again. */
const KEPT = 65_536;
const NOTHING = new Uint8Array(0);
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** Room that the last writer is done with: hundreds are used one after the other. */
let spare: Uint8Array<ArrayBuffer> | null = null;

/** Good for one piece: `done` ends it. */
export class BitWriter {
  #bytes = spare ?? new Uint8Array(1024);
  #length = 0;
  #held = 0;
  #count = 0;

  constructor() {
    spare = null;
  }

  /** The low `n` bits of a value, n ≤ 16. */
  bits(value: number, n: number): void {
    this.#held = (this.#held << n) | (value & ((1 << n) - 1));
    this.#count += n;
    while (this.#count >= 8) {
      this.#count -= 8;
      if (this.#length === this.#bytes.length) this.#grow();
      this.#bytes[this.#length++] = (this.#held >>> this.#count) & 0xff;
    }
    this.#held &= (1 << this.#count) - 1;
  }

  bit(value: boolean): void {
    this.bits(value ? 1 : 0, 1);
  }

  /** A whole number ≥ 0 of up to 53 bits: 6 bits of length, then the value. */
  number(value: number): void {
    const length = bitLength(value);
    this.bits(length, 6);
    this.wide(value, length);
  }

  /** The low `n` bits, n ≤ 53. */
  wide(value: number, n: number): void {
    let rest = n;
    while (rest > 16) {
      rest -= 16;
      this.bits(Math.floor(value / 2 ** rest) % 65_536, 16);
    }
    this.bits(value % 2 ** rest, rest);
  }

  /** A whole number ≥ 0, mostly tiny (Elias gamma of value + 1): 0 takes one bit, 1 and 2 three. */
  small(value: number): void {
    const length = bitLength(value + 1) - 1;
    if (length < 8) {
      this.bits(value + 1, 2 * length + 1);
      return;
    }
    for (let i = 0; i < length; i++) this.bits(0, 1);
    this.wide(value + 1, length + 1);
  }

  /** A whole number of either sign around zero; `k` bits of it plain, the rest unary. */
  rice(value: number, k: number): void {
    const size = folded(value);
    const high = size < 2 ** 31 ? size >>> k : ESCAPE;
    if (high + 1 + k <= 16) {
      this.bits((((1 << (high + 1)) - 2) << k) | (size & ((1 << k) - 1)), high + 1 + k);
      return;
    }
    for (let ones = Math.min(high, ESCAPE); ones > 0; ones -= 10) {
      this.bits(0x3ff, Math.min(ones, 10));
    }
    if (high >= ESCAPE) this.number(size);
    else this.bits(size & ((1 << k) - 1), k + 1);
  }

  /** As `rice` for each of the first `count` values: the hot loop of folding, so it keeps its state in locals. */
  rices(values: Int32Array, count: number, k: number): void {
    let [held, waiting, length, bytes] = [this.#held, this.#count, this.#length, this.#bytes];
    for (let i = 0; i < count; i++) {
      const value = values[i] as number;
      const size = value < 0 ? -2 * value - 1 : 2 * value;
      const width = (size < 2 ** 31 ? size >>> k : ESCAPE) + 1 + k;
      const long = width > 16;
      if (!long) {
        held = (held << width) | (((1 << (width - k)) - 2) << k) | (size & ((1 << k) - 1));
        waiting += width;
      }
      if (length + 3 > bytes.length) {
        this.#grow();
        bytes = this.#bytes;
      }
      while (waiting >= 8) {
        waiting -= 8;
        bytes[length++] = held >>> waiting;
      }
      held &= (1 << waiting) - 1;
      if (!long) continue;
      [this.#held, this.#count, this.#length] = [held, waiting, length];
      this.rice(value, k);
      [held, waiting, length, bytes] = [this.#held, this.#count, this.#length, this.#bytes];
    }
    [this.#held, this.#count, this.#length] = [held, waiting, length];
  }

  text(value: string): void {
    const bytes = ENCODER.encode(value).subarray(0, 255);
    this.bits(bytes.length, 8);
    for (const byte of bytes) this.bits(byte, 8);
  }

  done(): Uint8Array<ArrayBuffer> {
    if (this.#length === this.#bytes.length) this.#grow();
    let length = this.#length;
    if (this.#count > 0) this.#bytes[length++] = (this.#held << (8 - this.#count)) & 0xff;
    const padded = this.#bytes.slice(0, length);
    if (this.#bytes.length <= KEPT) spare = this.#bytes;
    [this.#bytes, this.#length] = [NOTHING, 0];
    return padded;
  }

  #grow(): void {
    const larger = new Uint8Array(Math.max(1024, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Throws RangeError where the bytes end too soon. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length * 8;
  }

  bits(n: number): number {
    const at = this.#at;
    this.#at = at + n;
    if (this.#at > this.#end) throw new RangeError('cut short');
    const bytes = this.#bytes;
    const from = at >> 3;
    const word =
      ((bytes[from] as number) << 16) |
      ((bytes[from + 1] as number) << 8) |
      (bytes[from + 2] as number);
    return (word >>> (24 - (at & 7) - n)) & ((1 << n) - 1);
  }

  bit(): boolean {
    return this.bits(1) === 1;
  }

  number(): number {
    return this.wide(this.bits(6));
  }

  wide(n: number): number {
    let value = 0;
    let rest = n;
    while (rest > 16) {
      rest -= 16;
      value = value * 65_536 + this.bits(16);
    }
    return value * 2 ** rest + this.bits(rest);
  }

  small(): number {
    const at = this.#at;
    const from = at >> 3;
    const bytes = this.#bytes;
    const word =
      (((bytes[from] as number) << 24) |
        ((bytes[from + 1] as number) << 16) |
        ((bytes[from + 2] as number) << 8)) <<
      (at & 7);
    const zeros = Math.clz32(word);
    // Of the word 17 bits are sure to be ours.
    if (zeros <= 8) {
      this.#at = at + 2 * zeros + 1;
      if (this.#at > this.#end) throw new RangeError('cut short');
      return (word >>> (31 - 2 * zeros)) - 1;
    }
    let length = 0;
    while (this.bits(1) === 0) length++;
    if (length > 52) throw new RangeError('not a number');
    return 2 ** length + this.wide(length) - 1;
  }

  /** As many of the next `count` numbers of 16 bits as are not 0, into `values`; gives how many. */
  shorts(values: Int32Array, count: number): number {
    const bytes = this.#bytes;
    const most = Math.min(count, Math.floor((this.#end - this.#at) / 16));
    const shift = 8 - (this.#at & 7);
    let from = this.#at >> 3;
    let i = 0;
    for (; i < most; i++, from += 2) {
      const word =
        ((bytes[from] as number) << 16) |
        ((bytes[from + 1] as number) << 8) |
        (bytes[from + 2] as number);
      const value = (word >>> shift) & 0xffff;
      if (value === 0) break;
      values[i] = value;
    }
    this.#at += i * 16;
    return i;
  }

  /** As `rice` for `count` values: the hot loop of reading a chunk. */
  rices(values: Int32Array, count: number, k: number): void {
    const bytes = this.#bytes;
    for (let i = 0; i < count; i++) {
      const at = this.#at;
      const from = at >> 3;
      const word =
        (((bytes[from] as number) << 24) |
          ((bytes[from + 1] as number) << 16) |
          ((bytes[from + 2] as number) << 8) |
          (bytes[from + 3] as number)) <<
        (at & 7);
      const ones = Math.clz32(~word);
      const width = ones + 1 + k;
      // Of these 32 bits so many are sure to be ours; and what lies past the end is for `rice` to refuse.
      if (ones >= ESCAPE || width > 25 || at + width > this.#end) {
        values[i] = this.rice(k);
        continue;
      }
      this.#at = at + width;
      const size = (ones << k) | ((word >>> (32 - width)) & ((1 << k) - 1));
      values[i] = (size & 1) === 0 ? size >>> 1 : -((size + 1) >>> 1);
    }
  }

  rice(k: number): number {
    let high = this.#ones();
    if (high < ESCAPE) high = (high << k) | this.bits(k);
    else high = this.number();
    return high % 2 === 0 ? high / 2 : -(high + 1) / 2;
  }

  text(): string {
    const bytes = new Uint8Array(this.bits(8));
    let [all, letters] = [0, ''];
    for (let i = 0; i < bytes.length; i++) {
      const byte = this.bits(8);
      bytes[i] = byte;
      all |= byte;
      letters += String.fromCharCode(byte);
    }
    return all < 128 ? letters : DECODER.decode(bytes);
  }

  /** How many ones follow, the zero after them taken too; at most ESCAPE. */
  #ones(): number {
    const bytes = this.#bytes;
    let count = 0;
    while (count < ESCAPE) {
      const from = this.#at >> 3;
      const word = ((bytes[from] as number) << 8) | (bytes[from + 1] as number);
      const seen = (word << (16 + (this.#at & 7))) | 0;
      const ones = Math.min(Math.clz32(~seen), 16 - (this.#at & 7), ESCAPE - count);
      const whole = ones === 16 - (this.#at & 7) || count + ones === ESCAPE;
      count += ones;
      this.#at += whole ? ones : ones + 1;
      if (this.#at > this.#end) throw new RangeError('cut short');
      if (!whole) return count;
    }
    return count;
  }
}

/** The plain bits that make Rice codes of numbers of this mean size shortest. */
export function riceBits(meanFolded: number): number {
  return meanFolded < 1 ? 0 : Math.min(15, Math.floor(Math.log2(meanFolded * 0.75 + 0.25) + 0.5));
}

/** A number of either sign as one that is not negative, the way `rice` folds it. */
export function folded(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function bitLength(value: number): number {
  return value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(Math.floor(value / 2 ** 32));
}
